import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatConfigProblems } from '../../../src/config/config-problem.ts'
import { isLargeRemoval } from '../../../src/config/large-removal.ts'
import type { LoadContext } from '../../../src/config/load-context.ts'
import { parseWatchConfig } from '../../../src/config/parse-watch-config.ts'

const CONTEXT: LoadContext = { hostname: 'monitor.example.net', now: Date.UTC(2026, 10, 23), lab: false }
const load = (text: string) => parseWatchConfig(text, 'watch.yaml', CONTEXT)

/** What everything says that the reading of this text says. */
function told(text: string): string {
  const loaded = load(text)
  return loaded.ok ? '' : `${formatConfigProblems(loaded.problems)}\n${JSON.stringify(loaded.problems)}`
}

const CANARY = 'c4n4ryS3cr3t'
const HEAD = 'domains: [a.example]\n'
const SECRETS: Readonly<Record<string, readonly [text: string, line: number]>> = {
  'a Slack token': [`${HEAD}channels:\n  ops: {type: slack, channel: xoxb-1-${CANARY}}\n`, 3],
  'an app token under an unknown key': [`${HEAD}slack: xapp-1-${CANARY}\n`, 2],
  'a token as a key': [`${HEAD}xoxp-${CANARY}: 1\n`, 2],
  'a token in a comment': [`${HEAD}# was xoxb-${CANARY}\n`, 2],
  'a token for a domain': [`domains: [xoxb-${CANARY}.example]\n`, 1],
  'a hook': [
    `${HEAD}channels: {h: {type: webhook, url_env: https://hooks.slack.com/services/${CANARY}}}\n`,
    2,
  ],
  'another webhook': [`${HEAD}channels: {h: {type: webhook, url: https://hooks.example/${CANARY}}}\n`, 2],
  'a URL in the place of a variable': [
    `${HEAD}channels: {h: {type: webhook, url_env: "https://h.example/${CANARY}"}}\n`,
    2,
  ],
  'a URL with a password': [`${HEAD}relay: smtps://user:${CANARY}@mail.example.net\n`, 2],
  'a password': [`${HEAD}mailbox: {folder: INBOX, password: ${CANARY}}\n`, 2],
  'a password on its own line': [`${HEAD}mailbox:\n  imapPassword:\n    ${CANARY}\n`, 3],
  'a secret in a block': [`${HEAD}api-token: |\n  ${CANARY}\n  ${CANARY}\n`, 2],
  'a private key': [
    `${HEAD}dkim: |\n  -----BEGIN PRIVATE KEY-----\n  ${CANARY}\n  -----END PRIVATE KEY-----\n`,
    3,
  ],
  'a number': [`${HEAD}access_key: 12345\n`, 2],
}

test.each(Object.entries(SECRETS))('%s is refused by its line, and never repeated', (_, [text, line]) => {
  const loaded = load(text)
  const problems = loaded.ok ? [] : loaded.problems
  expect(problems.filter((p) => /secret/.test(p.message)).map((p) => p.line)).toEqual([line])
  expect(told(text)).not.toContain(CANARY)
})

test.each([
  ['a broken line', `password: "${CANARY}\n`],
  ['a broken block', `token: |\n  ${CANARY}\n\t[\n ]`],
  ['a tab', `secret:\n\t${CANARY}: x: y\n`],
  ['an alias', `key: *${CANARY}\n`],
  ['an escape', `auth: "\\q${CANARY}"\n`],
  ['a flow mapping', `{password: ${CANARY}, x: [}\n`],
])('%s does not give a secret away either', (_, text) => {
  expect(load(text).ok).toBe(false)
  expect(told(text)).not.toContain(CANARY)
})

test('words that only sound like secrets are no secrets', () => {
  const text =
    'domains: [{name: token.example, tags: [password, api_key]}]\nchannels: {secret: {type: console}}\n'
  expect(load(text).ok).toBe(true)
})

const NAMES = Array.from({ length: 20 }, (_, index) => `d${index}.example.com`)
const LIST = NAMES.map((name, index) =>
  index % 3 === 0 ? `  - name: ${name}\n    expect: enforce\n    tags: [a, b]\n` : `  - ${name}\n`,
)
// A daily line, because looking 400 days ahead takes a while for others.
const WHOLE = `timezone: UTC\ndefaults: { check: '0 6 * * *' }\nchannels:\n  ops: { type: console }\ndomains:\n${LIST.join('')}`

test('a file cut anywhere is refused, or has lost its end and no more, and a large loss is noticed', () => {
  const whole = load(WHOLE)
  if (!whole.ok) throw new Error('the whole file loads')
  for (let round = 0; round < 1000; round++) {
    const cut = load(WHOLE.slice(0, randomInt(WHOLE.length)))
    if (!cut.ok) continue
    const { domains } = cut.config
    const same = domains.slice(0, -1).map(({ name }) => name)
    expect(same).toEqual(NAMES.slice(0, same.length))
    // At 16 of 20 exactly a fifth is gone; the last name may itself be cut.
    expect(isLargeRemoval(whole.config.domains, domains)).toBe(
      domains.length < 16 || (domains.length === 16 && domains.at(-1)?.name !== NAMES[15]),
    )
  }
})

test('no text makes the reader throw', () => {
  const pieces = fc.constantFrom(
    'domains:',
    '\n',
    '  ',
    '- ',
    'a.example',
    '[',
    ']',
    '{',
    '}',
    ': ',
    '"',
    "'",
    '&a ',
    '*a',
    '!t ',
    '\t',
    '|',
    '>',
    '#',
    '? ',
    '---',
    '\u0000',
    '\ud800',
    'channels:',
    'type: slack',
    '<<: ',
    ',',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const loaded = load(parts.join(''))
      expect(loaded.ok || loaded.problems.length > 0).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['a billion laughs', laughs(), 50],
  ['brackets without end', '['.repeat(20_000), 20_000],
  ['dashes without end', '- '.repeat(20_000), 20_000],
  ['twenty thousand keys', Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'), 50_000],
  [
    'too many domains',
    `domains:\n${Array.from({ length: 20_001 }, (_, i) => `- d${i}.example\n`).join('')}`,
    50_000,
  ],
])('%s is refused quickly', (_, text, withinMs) => {
  load('domains: [a.example]')
  const start = performance.now()
  expect(load(text).ok).toBe(false)
  expect(performance.now() - start).toBeLessThan(withinMs)
})

test.each(['x', ':', '/', ' ,', 'a:', '::1 ', '://a:', '@', "'", '0,', 'é', '\\n'])(
  'a hundred thousand of %j is no burden anywhere',
  (piece) => {
    const long = JSON.stringify(piece.repeat(100_000 / piece.length)).replaceAll('\\\\n', '\\n')
    const text = `# ${long}
domains: [${long}, {name: ${long}, check: ${long}, channels: ${long}}]
channels: {a: {type: email, to: [${long}]}, b: {type: slack, channel: ${long}}}
resolvers: [${long}]
egress: {allow: [${long}]}
timezone: ${long}
`
    const start = performance.now()
    expect(load(text).ok).toBe(false)
    expect(performance.now() - start).toBeLessThan(30_000)
  },
)

function laughs(): string {
  const levels = [...'bcdefghij'].map((name, index) => {
    const below = `*${'abcdefghi'[index]}`
    return `${name}: &${name} [${Array(9).fill(below).join(',')}]`
  })
  return ['a: &a [lol]', ...levels, 'domains: *j'].join('\n')
}
