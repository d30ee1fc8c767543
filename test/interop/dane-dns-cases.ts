import { ALIAS_CASES } from './dane-alias-cases.ts'
import {
  a,
  anchor,
  ee,
  type MailCase,
  mx,
  named,
  ORDINARY,
  type Place,
  tlsa,
  tlsaAlias,
  tlsaOf,
  together,
} from './dane-case.ts'

/** Signed in this shape; the forger puts in its place what it holds in truth. */
export const SIGNED_DIGEST = 'aa'.repeat(32)
export const SIGNED_ADDRESS = '192.0.2.77'
export const SIGNED_PREFERENCE = '77'

const DNS: readonly MailCase[] = [
  { ...ORDINARY, id: 'no-records', published: 'no TLSA, signed zone', ...together('secure', () => []) },
  { ...ORDINARY, id: 'unsigned', published: '3 1 1 of the leaf, unsigned zone', ...together('plain', ee) },
  {
    ...ORDINARY,
    id: 'unsigned-wrong',
    published: '3 1 1 of another key, unsigned zone',
    ...together('plain', ({ stranger }) => [tlsaOf('3 1 1', stranger)]),
  },
  {
    ...ORDINARY,
    id: 'mx-unsigned',
    zone: 'plain',
    published: 'unsigned MX record, 3 1 1 of the leaf at a signed host',
    host: () => 'mx.mx-unsigned.secure.test',
    lines: (place, material) => hosted(place, ee(material)),
  },
  {
    ...ORDINARY,
    id: 'mx-unsigned-wrong',
    zone: 'plain',
    published: 'unsigned MX record, 3 1 1 of another key at a signed host',
    host: () => 'mx.mx-unsigned-wrong.secure.test',
    lines: (place, { stranger }) => hosted(place, [tlsaOf('3 1 1', stranger)]),
  },
  {
    ...ORDINARY,
    id: 'mx-unsigned-next-hop',
    zone: 'plain',
    published: 'unsigned MX record, 2 1 1 of the intermediate at a signed host',
    served: 'leaf for the domain, not the host',
    shows: named(({ domain }) => `DNS:${domain}`),
    host: () => 'mx.mx-unsigned-next-hop.secure.test',
    lines: (place, material) => hosted(place, anchor(material)),
    differs:
      'Postfix takes the name of the domain as well; RFC 7672 §3.2.2 allows the name of the host alone where the MX record is not secure',
  },
  {
    ...ORDINARY,
    id: 'tlsa-forged',
    zone: 'forged',
    published: '3 1 1 of the leaf, its signature broken',
    lines: (place) => ({
      forged: [mx(place), a(place), ...tlsa(place, place.host, [`3 1 1 ${SIGNED_DIGEST}`])],
    }),
  },
  {
    ...ORDINARY,
    id: 'address-forged',
    zone: 'forged',
    published: '3 1 1 of the leaf, the address with a broken signature',
    lines: (place, material) => ({
      forged: [mx(place), a({ ...place, address: SIGNED_ADDRESS }), ...tlsa(place, place.host, ee(material))],
    }),
  },
  {
    ...ORDINARY,
    id: 'mx-forged',
    zone: 'forged',
    published: '3 1 1 of the leaf, the MX record with a broken signature',
    lines: (place, material) => ({
      forged: [
        mx(place).replace(' 10 ', ` ${SIGNED_PREFERENCE} `),
        a(place),
        ...tlsa(place, place.host, ee(material)),
      ],
    }),
  },
  {
    ...ORDINARY,
    id: 'tlsa-servfail',
    zone: 'secure',
    published: 'questions below `_tcp` end in SERVFAIL',
    lines: (place) => ({ secure: [mx(place), a(place), `_tcp.${place.host}. NS ns.invalid.`] }),
  },
  {
    ...ORDINARY,
    id: 'tlsa-unsigned',
    zone: 'secure',
    published: '3 1 1 of another key, an alias of the TLSA owner into an unsigned zone',
    lines: (place, { stranger }) => ({
      secure: [mx(place), a(place), ...tlsaAlias(place, place.host, 'tlsa-unsigned.plain.test')],
      plain: [`tlsa-unsigned.plain.test. TLSA ${tlsaOf('3 1 1', stranger)}`],
    }),
  },
  {
    ...ORDINARY,
    id: 'tlsa-alias',
    zone: 'secure',
    published: '3 1 1 of the leaf behind an alias of the TLSA owner',
    lines: (place, { leaf }) => ({
      secure: [
        mx(place),
        a(place),
        ...tlsaAlias(place, place.host, `dane.${place.domain}`),
        `dane.${place.domain}. TLSA ${tlsaOf('3 1 1', leaf)}`,
      ],
    }),
  },
  {
    ...ORDINARY,
    id: 'tlsa-wildcard',
    zone: 'secure',
    published: '3 1 1 of the leaf at `*._tcp` below the host',
    lines: (place, { leaf }) => ({
      secure: [mx(place), a(place), `*._tcp.${place.host}. TLSA ${tlsaOf('3 1 1', leaf)}`],
    }),
  },
  {
    ...ORDINARY,
    id: 'tlsa-wildcard-wrong',
    zone: 'secure',
    published: '3 1 1 of another key at `*` below the domain, which a host that exists hides',
    lines: (place, { stranger }) => ({
      secure: [mx(place), a(place), `*.${place.domain}. TLSA ${tlsaOf('3 1 1', stranger)}`],
    }),
  },
  {
    ...ORDINARY,
    id: 'next-hop-alias',
    zone: 'secure',
    published: 'the domain is an alias; 2 1 1 of the intermediate',
    served: "leaf for the domain's alias target",
    shows: named(({ domain }) => `DNS:target.${domain}`),
    lines: (place, material) => ({
      secure: [
        `${place.domain}. CNAME target.${place.domain}.`,
        `target.${place.domain}. MX 10 ${place.host}.`,
        a(place),
        ...tlsa(place, place.host, anchor(material)),
      ],
    }),
  },
  {
    ...ORDINARY,
    id: 'implicit-mx',
    zone: 'secure',
    published: 'no MX record; 3 1 1 of the leaf at the domain itself',
    lines: (place, material) => ({
      secure: [a(place), ...tlsa(place, place.host, ee(material))],
    }),
    host: (domain) => domain,
  },
]

/** MX in the unsigned zone, host and records in the signed one. */
function hosted(place: Place, records: readonly string[]) {
  return { plain: [mx(place)], secure: [a(place), ...tlsa(place, place.host, records)] }
}

/** What the DNS says, and how sure of it a sender may be (RFC 7672 §2.1, §2.2). */
export const DNS_CASES: readonly MailCase[] = [...DNS, ...ALIAS_CASES]
