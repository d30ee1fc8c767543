import {
  a,
  GOOD,
  type MailCase,
  type Material,
  mx,
  named,
  ORDINARY,
  OTHER_NAME,
  tlsa,
  tlsaAlias,
  tlsaOf,
  together,
} from './dane-case.ts'

const ee = ({ leaf }: Material) => [tlsaOf('3 1 1', leaf)]
const anchor = ({ intermediate }: Material) => [tlsaOf('2 1 1', intermediate)]
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
function hosted(place: Parameters<typeof mx>[0], records: readonly string[]) {
  return { plain: [mx(place)], secure: [a(place), ...tlsa(place, place.host, records)] }
}

type Records = (material: Material) => readonly string[]

/** The MX host is an alias: where it leads, and the records at its beginning and at its end. */
function alias(
  id: string,
  published: string,
  [from, to]: readonly ['secure' | 'plain', 'secure' | 'plain'],
  records: { readonly first: Records; readonly last: Records },
  shown: Pick<MailCase, 'shows' | 'served'> = ORDINARY,
): MailCase {
  return {
    id,
    zone: 'secure',
    published,
    ...ORDINARY,
    ...shown,
    host: () => `mx.${id}.${from}.test`,
    lines: (place, material) => {
      const first = place.host
      const last = `host.${id}.${to}.test`
      const near = [`${first}. CNAME ${last}.`, ...tlsa(place, first, records.first(material))]
      const far = [a({ ...place, host: last }), ...tlsa(place, last, records.last(material))]
      const domain = [mx(place)]
      const lines = (zone: string) => [
        ...(zone === 'secure' ? domain : []),
        ...(zone === from ? near : []),
        ...(zone === to ? far : []),
      ]
      return { secure: lines('secure'), plain: lines('plain') }
    },
  }
}

const none: Records = () => []
const wrong: Records = ({ stranger }) => [tlsaOf('3 1 1', stranger)]
const forTarget = {
  shows: named(({ host }) => `DNS:${host.replace('mx.', 'host.')}`),
  served: 'leaf for the target of the alias',
}
const forAlias = { shows: GOOD, served: 'leaf for the alias' }
const forNobody = { shows: OTHER_NAME, served: 'leaf for another name' }

const ALIASES: readonly MailCase[] = [
  alias(
    'alias-both',
    'host is an alias, both signed; right at the target, wrong at the alias',
    ['secure', 'secure'],
    {
      first: wrong,
      last: ee,
    },
  ),
  alias(
    'alias-both-wrong',
    'host is an alias, both signed; wrong at the target, right at the alias',
    ['secure', 'secure'],
    {
      first: ee,
      last: wrong,
    },
  ),
  alias('alias-first', 'host is an alias, both signed; 3 1 1 at the alias alone', ['secure', 'secure'], {
    first: ee,
    last: none,
  }),
  alias(
    'alias-anchor-target',
    'host is an alias, both signed; 2 1 1 at the target',
    ['secure', 'secure'],
    { first: none, last: anchor },
    forTarget,
  ),
  alias(
    'alias-anchor-alias',
    'host is an alias, both signed; 2 1 1 at the target',
    ['secure', 'secure'],
    { first: none, last: anchor },
    forAlias,
  ),
  alias('alias-out', 'host is an alias into an unsigned zone; 3 1 1 at the alias', ['secure', 'plain'], {
    first: ee,
    last: none,
  }),
  alias(
    'alias-out-wrong',
    'host is an alias into an unsigned zone; 3 1 1 of another key at the alias',
    ['secure', 'plain'],
    {
      first: wrong,
      last: ee,
    },
  ),
  alias(
    'alias-out-last',
    'host is an alias into an unsigned zone; 3 1 1 of another key at the target alone',
    ['secure', 'plain'],
    {
      first: none,
      last: wrong,
    },
  ),
  alias(
    'alias-out-anchor',
    'host is an alias into an unsigned zone; 2 1 1 at the alias',
    ['secure', 'plain'],
    { first: anchor, last: none },
    forNobody,
  ),
  alias(
    'alias-in',
    'host is an unsigned alias of a signed host; 3 1 1 of another key at the host',
    ['plain', 'secure'],
    {
      first: none,
      last: wrong,
    },
  ),
  alias(
    'alias-in-first',
    'host is an unsigned alias of a signed host; 3 1 1 of another key at the alias',
    ['plain', 'secure'],
    {
      first: wrong,
      last: none,
    },
  ),
]

/** What the DNS says, and how sure of it a sender may be (RFC 7672 §2). */
export const DNS_CASES: readonly MailCase[] = [...DNS, ...ALIASES]
