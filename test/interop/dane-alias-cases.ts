import {
  a,
  anchor,
  ee,
  GOOD,
  type MailCase,
  mx,
  named,
  ORDINARY,
  OTHER_NAME,
  type Place,
  type Records,
  tlsa,
  wrong,
} from './dane-case.ts'

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
const forTarget = {
  shows: named(({ host }) => `DNS:${host.replace('mx.', 'host.')}`),
  served: 'leaf for the target of the alias',
}
const forAlias = { shows: GOOD, served: 'leaf for the alias' }
const underTarget = {
  shows: { ...GOOD, sni: ({ host }: Place) => host.replace('mx.', 'host.') },
  served: 'valid chain under the name of the target alone',
}
const underAlias = {
  shows: { ...GOOD, sni: ({ host }: Place) => host },
  served: 'valid chain under the name of the alias alone',
}
const forNobody = { shows: OTHER_NAME, served: 'leaf for another name' }

/** Which name the records belong to when the MX host is an alias (RFC 7672 §2.2.3, §8.1). */
export const ALIAS_CASES: readonly MailCase[] = [
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
  alias(
    'alias-sni-target',
    'host is an alias, both signed; 3 1 1 at the target',
    ['secure', 'secure'],
    { first: none, last: ee },
    underTarget,
  ),
  alias(
    'alias-sni-alias',
    'host is an alias, both signed; 3 1 1 at the target',
    ['secure', 'secure'],
    { first: none, last: ee },
    underAlias,
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
