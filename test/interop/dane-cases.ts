import {
  a,
  EXPIRED,
  GOOD,
  type MailCase,
  type Material,
  mx,
  type Shown,
  tlsa,
  tlsaAlias,
  tlsaOf,
  together,
} from './dane-case.ts'

const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const NO_NAME: Shown = { ...GOOD, names: () => 'DNS:other.example.net', commonName: () => 'other.example.net' }
const LEAF_ONLY: Shown = { ...GOOD, above: [] }
const WITH_ROOT: Shown = { ...GOOD, above: ['intermediate', 'root'] }

/** A case in the signed zone: id, what is published, its records, what is served, how it is said. */
function secure(
  id: string,
  published: string,
  records: (material: Material) => readonly string[],
  shows: MailCase['shows'] = GOOD,
  served = 'valid chain',
): MailCase {
  return { id, published, served, shows, ...together('secure', records) }
}

const of = (numbers: string, what: keyof Material) => (material: Material) => [tlsaOf(numbers, material[what])]

const END_ENTITY: readonly MailCase[] = [
  ...['3 1 1', '3 0 1', '3 1 2', '3 0 2', '3 1 0', '3 0 0'].map((numbers) =>
    secure(`ee-${numbers.replaceAll(' ', '')}`, `${numbers} of the leaf`, of(numbers, 'leaf')),
  ),
  secure('ee-mismatch', '3 1 1 of another key', of('3 1 1', 'stranger')),
  secure('ee-expired', '3 1 1 of the leaf', of('3 1 1', 'leaf'), EXPIRED, 'expired leaf'),
  secure('ee-names', '3 1 1 of the leaf', of('3 1 1', 'leaf'), NO_NAME, 'leaf for another name'),
  secure(
    'ee-self-signed',
    '3 1 1 of the leaf',
    of('3 1 1', 'leaf'),
    { ...GOOD, leaf: { signer: 'itself' }, above: [] },
    'self-signed leaf',
  ),
  secure('ee-not-leaf', '3 1 1 of the intermediate', of('3 1 1', 'intermediate')),
  secure('ee-rollover', '3 1 1 of the next key, 3 1 1 of the leaf', (material) => [
    tlsaOf('3 1 1', material.stranger),
    tlsaOf('3 1 1', material.leaf),
  ]),
  secure('ee-beside-anchor', '3 1 1 of another key, 2 1 1 of the intermediate', (material) => [
    tlsaOf('3 1 1', material.stranger),
    tlsaOf('2 1 1', material.intermediate),
  ]),
]

const ANCHOR: readonly MailCase[] = [
  secure('ta-211', '2 1 1 of the intermediate', of('2 1 1', 'intermediate')),
  secure('ta-201', '2 0 1 of the intermediate', of('2 0 1', 'intermediate')),
  secure('ta-root', '2 0 1 of the root', of('2 0 1', 'root'), WITH_ROOT, 'valid chain with its root'),
  secure('ta-root-unsent', '2 0 1 of the root', of('2 0 1', 'root'), GOOD, 'valid chain without its root'),
  secure('ta-unsent', '2 1 1 of the intermediate', of('2 1 1', 'intermediate'), LEAF_ONLY, 'leaf alone'),
  secure('ta-full-unsent', '2 0 0 of the intermediate', of('2 0 0', 'intermediate'), LEAF_ONLY, 'leaf alone'),
  secure('ta-key-unsent', '2 1 0 of the intermediate', of('2 1 0', 'intermediate'), LEAF_ONLY, 'leaf alone'),
  secure('ta-is-leaf', '2 1 1 of the leaf', of('2 1 1', 'leaf')),
  secure('ta-names', '2 1 1 of the intermediate', of('2 1 1', 'intermediate'), NO_NAME, 'leaf for another name'),
  secure('ta-expired', '2 1 1 of the intermediate', of('2 1 1', 'intermediate'), EXPIRED, 'expired leaf'),
  secure(
    'ta-next-hop',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    { ...GOOD, names: ({ domain }) => `DNS:${domain}` },
    'leaf for the domain, not the host',
  ),
  secure(
    'ta-common-name',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    { ...GOOD, names: () => null },
    'leaf with a common name alone',
  ),
  secure(
    'ta-common-name-beside',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    { ...GOOD, names: () => 'DNS:other.example.net' },
    'leaf for another name, the host as common name',
  ),
  secure(
    'ta-wildcard',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    { ...GOOD, names: ({ domain }) => `DNS:*.${domain}` },
    'wildcard leaf',
  ),
  secure(
    'ta-wildcard-deep',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    { ...GOOD, names: () => 'DNS:*.test' },
    'wildcard leaf, two labels too high',
  ),
  secure(
    'ta-wildcard-part',
    '2 1 1 of the intermediate',
    of('2 1 1', 'intermediate'),
    { ...GOOD, names: ({ domain }) => `DNS:m*.${domain}` },
    'wildcard within a label',
  ),
  secure(
    'ta-unjoined',
    '2 1 1 of an intermediate',
    of('2 1 1', 'strangerIntermediate'),
    { ...GOOD, above: ['intermediate', 'stranger-intermediate'] },
    'leaf of another issuer, the intermediate sent beside',
  ),
]

const UNUSABLE: readonly MailCase[] = [
  secure('usage-1', '1 1 1 of the leaf', of('1 1 1', 'leaf')),
  secure('usage-0', '0 0 1 of the root', of('0 0 1', 'root')),
  secure('usage-4', '4 1 1 of the leaf', of('4 1 1', 'leaf')),
  secure('selector-2', '3 2 1 of the leaf', of('3 2 1', 'leaf')),
  secure('matching-3', '3 1 3 with 48 bytes', () => [`3 1 3 ${'ab'.repeat(48)}`]),
  secure('digest-short', '3 1 1 with 20 bytes', () => [`3 1 1 ${'ab'.repeat(20)}`]),
  secure('digest-swapped', '3 1 2 with a digest of SHA-256', ({ leaf }) => [
    tlsaOf('3 1 1', leaf).replace('3 1 1', '3 1 2'),
  ]),
  secure('digest-of-nothing', '3 1 1 with the digest of nothing', () => [`3 1 1 ${NOTHING}`]),
  secure('unusable-beside', '1 1 1 of the leaf, 3 1 1 of another key', ({ leaf, stranger }) => [
    tlsaOf('1 1 1', leaf),
    tlsaOf('3 1 1', stranger),
  ]),
  secure('unusable-good', '1 1 1 of another key, 3 1 1 of the leaf', ({ leaf, stranger }) => [
    tlsaOf('1 1 1', stranger),
    tlsaOf('3 1 1', leaf),
  ]),
  secure('unusable-plain', '1 1 1 of the leaf', of('1 1 1', 'stranger'), 'no-starttls', 'no STARTTLS'),
]

const AGILITY: readonly MailCase[] = [
  secure('agile-weak', '3 1 2 of another key, 3 1 1 of the leaf', ({ leaf, stranger }) => [
    tlsaOf('3 1 2', stranger),
    tlsaOf('3 1 1', leaf),
  ]),
  secure('agile-strong', '3 1 2 of the leaf, 3 1 1 of another key', ({ leaf, stranger }) => [
    tlsaOf('3 1 2', leaf),
    tlsaOf('3 1 1', stranger),
  ]),
  secure('agile-selectors', '3 0 2 of another key, 3 1 1 of the leaf', ({ leaf, stranger }) => [
    tlsaOf('3 0 2', stranger),
    tlsaOf('3 1 1', leaf),
  ]),
  secure('agile-malformed', '3 1 2 with 20 bytes, 3 1 1 of the leaf', ({ leaf }) => [
    `3 1 2 ${'ab'.repeat(20)}`,
    tlsaOf('3 1 1', leaf),
  ]),
  secure('agile-full', '3 1 0 of the leaf, 3 1 2 of another key', ({ leaf, stranger }) => [
    tlsaOf('3 1 0', leaf),
    tlsaOf('3 1 2', stranger),
  ]),
]

const STARTTLS: readonly MailCase[] = [
  secure('no-starttls', '3 1 1 of the leaf', of('3 1 1', 'stranger'), 'no-starttls', 'no STARTTLS'),
  secure(
    'no-handshake',
    '3 1 1 of the leaf',
    of('3 1 1', 'stranger'),
    'no-certificate',
    'STARTTLS without a certificate',
  ),
]

const ee = ({ leaf }: Material) => [tlsaOf('3 1 1', leaf)]
const anchor = ({ intermediate }: Material) => [tlsaOf('2 1 1', intermediate)]
const base = { served: 'valid chain', shows: GOOD } as const
/** Signed in this shape; the forger puts in its place what it holds in truth. */
export const SIGNED_DIGEST = 'aa'.repeat(32)
export const SIGNED_ADDRESS = '192.0.2.77'
export const SIGNED_PREFERENCE = '77'

const DNS: readonly MailCase[] = [
  { ...base, id: 'no-records', published: 'no TLSA, signed zone', ...together('secure', () => []) },
  { ...base, id: 'unsigned', published: '3 1 1 of the leaf, unsigned zone', ...together('plain', ee) },
  {
    ...base,
    id: 'unsigned-wrong',
    published: '3 1 1 of another key, unsigned zone',
    ...together('plain', ({ stranger }) => [tlsaOf('3 1 1', stranger)]),
  },
  {
    ...base,
    id: 'mx-unsigned',
    zone: 'plain',
    published: 'unsigned MX record, 3 1 1 of the leaf at a signed host',
    lines: (place, material) => {
      const host = 'mx.mx-unsigned.secure.test'
      return hosted({ ...place, host }, ee(material))
    },
  },
  {
    ...base,
    id: 'mx-unsigned-wrong',
    zone: 'plain',
    published: 'unsigned MX record, 3 1 1 of another key at a signed host',
    lines: (place, { stranger }) =>
      hosted({ ...place, host: 'mx.mx-unsigned-wrong.secure.test' }, [tlsaOf('3 1 1', stranger)]),
  },
  {
    id: 'mx-unsigned-next-hop',
    zone: 'plain',
    published: 'unsigned MX record, 2 1 1 of the intermediate at a signed host',
    served: 'leaf for the domain, not the host',
    shows: { ...GOOD, names: ({ domain }) => `DNS:${domain}` },
    lines: (place, material) =>
      hosted({ ...place, host: 'mx.mx-unsigned-next-hop.secure.test' }, anchor(material)),
  },
  {
    ...base,
    id: 'tlsa-forged',
    zone: 'forged',
    published: '3 1 1 of the leaf, its signature broken',
    lines: (place) => ({
      forged: [mx(place), a(place), ...tlsa(place, place.host, [`3 1 1 ${SIGNED_DIGEST}`])],
    }),
  },
  {
    ...base,
    id: 'address-forged',
    zone: 'forged',
    published: '3 1 1 of the leaf, the address with a broken signature',
    lines: (place, material) => ({
      forged: [
        mx(place),
        a({ ...place, address: SIGNED_ADDRESS }),
        ...tlsa(place, place.host, ee(material)),
      ],
    }),
  },
  {
    ...base,
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
    ...base,
    id: 'tlsa-servfail',
    zone: 'secure',
    published: 'questions below _tcp end in SERVFAIL',
    lines: (place) => ({ secure: [mx(place), a(place), `_tcp.${place.host}. NS ns.invalid.`] }),
  },
  {
    ...base,
    id: 'tlsa-unsigned',
    zone: 'secure',
    published: '3 1 1 of another key, an alias of the TLSA owner into an unsigned zone',
    lines: (place, { stranger }) => ({
      secure: [mx(place), a(place), ...tlsaAlias(place, place.host, 'tlsa-unsigned.plain.test')],
      plain: [`tlsa-unsigned.plain.test. TLSA ${tlsaOf('3 1 1', stranger)}`],
    }),
  },
  {
    ...base,
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
    ...base,
    id: 'tlsa-wildcard',
    zone: 'secure',
    published: '3 1 1 of the leaf at *._tcp',
    lines: (place, { leaf }) => ({
      secure: [mx(place), a(place), `*._tcp.${place.host}. TLSA ${tlsaOf('3 1 1', leaf)}`],
    }),
  },
  {
    ...base,
    id: 'tlsa-wildcard-wrong',
    zone: 'secure',
    published: '3 1 1 of another key at * below the domain',
    lines: (place, { stranger }) => ({
      secure: [mx(place), a(place), `*.${place.domain}. TLSA ${tlsaOf('3 1 1', stranger)}`],
    }),
  },
  {
    id: 'next-hop-alias',
    zone: 'secure',
    published: 'the domain is an alias; 2 1 1 of the intermediate',
    served: "leaf for the domain's alias target",
    shows: { ...GOOD, names: ({ domain }) => `DNS:target.${domain}` },
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
    ...base,
    id: 'implicit-mx',
    zone: 'secure',
    published: 'no MX record; 3 1 1 of the leaf at the domain itself',
    lines: (place, material) => ({
      secure: [a({ ...place, host: place.domain }), ...tlsa(place, place.domain, ee(material))],
    }),
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
  shown: Pick<MailCase, 'shows' | 'served'> = base,
): MailCase {
  return {
    id,
    zone: 'secure',
    published,
    ...shown,
    lines: (place, material) => {
      const first = `mx.${id}.${from}.test`
      const last = `host.${id}.${to}.test`
      const near = [`${first}. CNAME ${last}.`, ...tlsa(place, first, records.first(material))]
      const far = [a({ ...place, host: last }), ...tlsa(place, last, records.last(material))]
      const domain = [mx({ ...place, host: first })]
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
  shows: { ...GOOD, names: ({ host }: { readonly host: string }) => `DNS:${host.replace('mx.', 'host.')}` },
  served: 'leaf for the target of the alias',
}
const forAlias = { shows: GOOD, served: 'leaf for the alias' }
const forNobody = { shows: NO_NAME, served: 'leaf for another name' }

const ALIASES: readonly MailCase[] = [
  alias('alias-both', 'host is an alias, both signed; right at the target, wrong at the alias', ['secure', 'secure'], {
    first: wrong,
    last: ee,
  }),
  alias('alias-both-wrong', 'the same; wrong at the target, right at the alias', ['secure', 'secure'], {
    first: ee,
    last: wrong,
  }),
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
  alias('alias-out-wrong', 'the same; 3 1 1 of another key at the alias', ['secure', 'plain'], {
    first: wrong,
    last: ee,
  }),
  alias('alias-out-last', 'the same; 3 1 1 at the unsigned target alone', ['secure', 'plain'], {
    first: none,
    last: wrong,
  }),
  alias(
    'alias-out-anchor',
    'the same; 2 1 1 at the alias',
    ['secure', 'plain'],
    { first: anchor, last: none },
    forNobody,
  ),
  alias('alias-in', 'host is an unsigned alias of a signed host; 3 1 1 of another key at it', ['plain', 'secure'], {
    first: none,
    last: wrong,
  }),
]

/** What a sender that does DANE meets, outcome by outcome (RFC 7672 §2.2, §3.1; RFC 7671 §9). */
export const DANE_CASES: readonly MailCase[] = [
  ...END_ENTITY,
  ...ANCHOR,
  ...UNUSABLE,
  ...AGILITY,
  ...STARTTLS,
  ...DNS,
  ...ALIASES,
]
