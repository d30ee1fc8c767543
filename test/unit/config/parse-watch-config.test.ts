import { expect, test } from 'vitest'
import { configProblemSentence, formatConfigProblems } from '../../../src/config/config-problem.ts'
import type { LoadContext } from '../../../src/config/load-context.ts'
import { type LoadedConfig, parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import { BROKEN_FILES } from './broken-files.ts'

const FILE = 'config/watch.yaml'
const CONTEXT: LoadContext = { hostname: 'monitor.example.net', now: Date.UTC(2026, 10, 23), lab: false }

function accepted(text: string, context = CONTEXT) {
  const loaded = parseWatchConfig(text, FILE, context)
  if (!loaded.ok) throw new Error(formatConfigProblems(loaded.problems))
  return loaded
}

function sentences(loaded: LoadedConfig): readonly string[] {
  return loaded.ok ? [] : loaded.problems.map((p) => configProblemSentence(p).slice(FILE.length + 1))
}

test.each(Object.entries(BROKEN_FILES))('refuses %s', (_, [text, ...beginnings]) => {
  const told = sentences(parseWatchConfig(text, FILE, CONTEXT))
  expect(told.map((sentence, index) => sentence.slice(0, beginnings[index]?.length))).toEqual(beginnings)
})

test('the smallest file has a default for everything else', () => {
  const { config, notices } = accepted('domains: [example.com]')
  expect(notices).toEqual([])
  expect(config).toMatchObject({
    file: FILE,
    timezone: 'UTC',
    egressAllow: [],
    ehloName: 'monitor.example.net',
  })
  expect(config.resolvers).toEqual([{ kind: 'system' }])
  expect([...config.channels]).toEqual([['console', { type: 'console', minSeverity: 'info' }]])
  expect(config.canaries.dns.length).toBeGreaterThanOrEqual(3)
  expect(config.domains).toEqual([
    {
      name: 'example.com',
      cron: '*/15 * * * *',
      expect: 'any',
      certificateWarningDays: [21, 7, 3, 1],
      tags: [],
      channels: ['console'],
      dane: 'if-present',
      otherPorts: [],
      bothKeyTypes: false,
      nameServers: true,
      ignore: new Set(),
      submitReports: false,
    },
  ])
})

test('other ports and key types hold for all domains or for one', () => {
  const text = `
defaults: {other_ports: [993, 465, 993], both_key_types: true}
domains: [a.example, {name: b.example, other_ports: [], both_key_types: false}]
`
  const told = accepted(text).config.domains.map((one) => [one.otherPorts, one.bothKeyTypes])
  expect(told).toEqual([
    [[993, 465], true],
    [[], false],
  ])
})

const FULL = `timezone: Europe/Berlin
defaults:
  check: "*/15 * * * *"
  expect: any
  certificate_warning_days: [1, 21, 7, 7]
  ignore: [mx.target.alias]
domains:
  - Example.COM.
  - name: Bücher.example
    expect: enforce
    check: "0 6 * * mon-fri"
    tags: [customer-a]
    channels: [ops, postmaster]
    dane: required
    ignore: [tlsrpt.record.missing]
channels:
  ops:        { type: slack, channel: "#mail-ops", min_severity: warning }
  postmaster: { type: email, to: [postmaster@example.net] }
  hook:       { type: webhook, url_env: ALERT_WEBHOOK_URL }
  screen:     { type: console, min_severity: critical }
summary:   { cron: "0 7 * * 1", channels: [postmaster] }
mailbox:   { folder: TLS, after_reading: "move:Read", check: "0 * * * *", idle: false, trust_authserv_id: mx.example.net, keep_raw_days: 0 }
reports:   { submit: false, canary: true }
resolvers: [system, 127.0.0.1, "192.0.2.53:5353", "[2001:DB8::53]:53", {address: 9.9.9.9, trusted: true}]
canaries: {dns: [gmail.com], dnssec: [nic.cz], https: [www.google.com], smtp: [mx.example.org]}
egress: {allow: [10.20.0.0/16, 192.168.1.1]}
ehlo_name: Mon.example.net
`

test('every key reaches the configuration', () => {
  const { config } = accepted(FULL)
  const [usual, special] = config.domains
  expect(usual).toMatchObject({ name: 'example.com', certificateWarningDays: [21, 7, 1], expect: 'any' })
  expect(usual?.channels).toEqual(['ops', 'postmaster', 'hook', 'screen'])
  expect(usual?.ignore).toEqual(new Set(['mx.target.alias']))
  expect(special).toMatchObject({
    name: 'xn--bcher-kva.example',
    cron: '0 6 * * mon-fri',
    tags: ['customer-a'],
  })
  expect(special).toMatchObject({ expect: 'enforce', channels: ['ops', 'postmaster'], dane: 'required' })
  expect(special?.ignore).toEqual(new Set(['tlsrpt.record.missing']))
  expect(Object.fromEntries(config.channels)).toEqual({
    ops: { type: 'slack', channel: '#mail-ops', minSeverity: 'warning' },
    postmaster: { type: 'email', to: ['postmaster@example.net'], minSeverity: 'info' },
    hook: { type: 'webhook', urlEnv: 'ALERT_WEBHOOK_URL', format: 'json', minSeverity: 'info' },
    screen: { type: 'console', minSeverity: 'critical' },
  })
  const server = (address: string, port: number, trusted: boolean) => ({
    kind: 'server',
    address,
    port,
    trusted,
  })
  expect(config.resolvers).toEqual([
    { kind: 'system' },
    server('127.0.0.1', 53, true),
    server('192.0.2.53', 5353, false),
    server('2001:db8::53', 53, false),
    server('9.9.9.9', 53, true),
  ])
  expect(config.canaries).toEqual({
    dns: ['gmail.com'],
    dnssec: ['nic.cz'],
    bogus: ['dnssec-failed.org'],
    https: ['www.google.com'],
    smtp: ['mx.example.org'],
  })
  expect(config.egressAllow).toEqual(['10.20.0.0/16', '192.168.1.1/32'])
  expect(config).toMatchObject({ timezone: 'Europe/Berlin', ehloName: 'mon.example.net' })
})

test('the mailbox has everything from its section, defaults included', () => {
  expect(accepted(FULL).config.mailbox).toEqual({
    folder: 'TLS',
    afterReading: { kind: 'move', folder: 'Read' },
    cron: '0 * * * *',
    idle: false,
    trustAuthservId: 'mx.example.net',
    keepRawDays: 0,
  })
  expect(accepted('domains: [a.example]\nmailbox: {}').config.mailbox).toEqual({
    folder: 'INBOX',
    afterReading: { kind: 'flag' },
    cron: '*/10 * * * *',
    idle: true,
    trustAuthservId: null,
    keepRawDays: 30,
  })
  expect(accepted('domains: [a.example]').config.mailbox).toBeNull()
})

test.each([
  ['after_reading: leave', true],
  ['after_reading: "move:"', false],
  ['after_reading: "move:inbox"', false],
  ['after_reading: "move:Entwürfe/TLS"', true],
  ['after_reading: "move:a\\rb"', false],
  ['folder: "a\\nb"', false],
  ['folder: "a\\u0085b"', false],
  ['folder: " "', false],
  [`folder: ${'x'.repeat(255)}`, true],
  [`folder: ${'x'.repeat(256)}`, false],
  ['folder: Read, after_reading: "move:Read"', false],
  ['folder: Read, after_reading: "move:read"', true],
  ['keep_raw_days: -1', false],
  ['keep_raw_days: 400', true],
  ['keep_raw_days: 401', false],
  ['check: "*/5 * * * *"', true],
  ['check: "*/4 * * * *"', false],
  ['trust_authserv_id: "mx.example.net; spf=pass"', false],
  ['trust_authserv_id: ""', false],
  ['idle: no', false],
])('mailbox: {%s} is accepted: %s', (section, ok) => {
  const loaded = parseWatchConfig(`domains: [a.example]\nmailbox: {${section}}\n`, FILE, CONTEXT)
  expect(loaded.ok).toBe(ok)
  expect(sentences(loaded)).toHaveLength(ok ? 0 : 1)
})

test('a summary, several, or none, each by default to all e-mail channels', () => {
  const channels = 'channels: {ops: {type: console}, mail: {type: email, to: [a@b.example]}}'
  const summaries = (text: string) => accepted(`domains: [a.example]\n${channels}\n${text}`).config.summaries
  expect(summaries('')).toEqual([])
  expect(summaries('summary: {}')).toEqual([{ cron: '0 7 * * 1', channels: ['mail'] }])
  expect(summaries('summary: [{}, {cron: "0 7 * * *", channels: [ops]}, {cron: "0 7 1 * *"}]')).toEqual([
    { cron: '0 7 * * 1', channels: ['mail'] },
    { cron: '0 7 * * *', channels: ['ops'] },
    { cron: '0 7 1 * *', channels: ['mail'] },
  ])
  const alone = accepted('domains: [a.example]\nchannels: {ops: {type: console}}\nsummary: {}').config
  expect(alone.summaries).toEqual([{ cron: '0 7 * * 1', channels: ['ops'] }])
  expect(accepted('domains: [a.example]\nsummary: {}').config.summaries).toEqual([
    { cron: '0 7 * * 1', channels: ['console'] },
  ])
})

test.each([
  ['summary: {cron: "0 7,19 * * *"}', 'summary.cron'],
  ['summary: [{cron: "0 7 * * *"}, {cron: "0 */2 * * *"}]', 'summary[1].cron'],
  ['summary: {channels: []}', 'summary.channels'],
  ['summary: {channel: ops}', 'summary.channel'],
  ['summary: [{channels: [nobody]}]', 'summary[0].channels[0]'],
  ['summary: []', 'summary'],
  ['summary: weekly', 'summary'],
  [`summary: [${'{}, '.repeat(11)}]`, 'summary'],
])('%s is refused where it is wrong', (section, path) => {
  const loaded = parseWatchConfig(`domains: [a.example]\n${section}\n`, FILE, CONTEXT)
  expect(loaded.ok ? [] : loaded.problems.map((problem) => problem.path)).toEqual([path])
})

test('reports to ourselves are off by default, and have a day, an hour and four when they are on', () => {
  expect(accepted('domains: [a.example]').config.reports.canary).toBeNull()
  expect(accepted('domains: [a.example]\nreports: {canary: true}').config.reports.canary).toEqual({
    addresses: null,
    cron: '23 5 * * *',
    slowAfterMs: 60 * 60_000,
    missingAfterMs: 4 * 60 * 60_000,
  })
})

test('addresses of reports to ourselves may be written without their scheme', () => {
  const { config } = accepted(
    'domains: [a.example]\nreports: {canary: true, canary_addresses: [tls@a.example, "https://a.example/tls"], canary_check: "0 */6 * * *", canary_slow_after: 10m, canary_missing_after: 1h30m}',
  )
  expect(config.reports.canary).toEqual({
    addresses: ['mailto:tls@a.example', 'https://a.example/tls'],
    cron: '0 */6 * * *',
    slowAfterMs: 10 * 60_000,
    missingAfterMs: 90 * 60_000,
  })
})

test.each([
  ['canary_missing_after: 30m', 'reports.canary_missing_after', 'a duration longer than `canary_slow_after`'],
  ['canary_slow_after: 4h', 'reports.canary_missing_after', 'a duration longer than `canary_slow_after`'],
  ['canary_slow_after: soon', 'reports.canary_slow_after', 'a duration such as 90m'],
  ['canary_check: "* * * * *"', 'reports.canary_check', 'a cron line'],
  ['canary_addresses: [nobody]', 'reports.canary_addresses[0]', 'an address as the TLSRPT record has it'],
  [
    'canary_addresses: ["ftp://a.example/"]',
    'reports.canary_addresses[0]',
    'an address as the TLSRPT record',
  ],
])('%s is refused with what would be right', (line, path, allowed) => {
  const loaded = parseWatchConfig(`domains: [a.example]\nreports: {canary: true, ${line}}\n`, FILE, CONTEXT)
  expect(loaded.ok ? [] : loaded.problems.map((problem) => problem.path)).toEqual([path])
  expect(sentences(loaded).join()).toContain(allowed)
})

test('a machine without a full name is told so', () => {
  const { config, notices } = accepted('domains: [example.com]', { ...CONTEXT, hostname: 'box' })
  expect(config.ehloName).toBe('box')
  expect(notices[0]?.message).toContain('ehlo_name')
})

test('in the lab loopback is allowed and nothing else', () => {
  const lab = { ...CONTEXT, lab: true }
  expect(
    accepted('domains: [a.example]\negress: {allow: [127.0.0.0/8, "::1"]}', lab).config.egressAllow,
  ).toEqual(['127.0.0.0/8', '::1/128'])
  const refused = parseWatchConfig('domains: [a.example]\negress: {allow: [10.0.0.0/8]}', FILE, lab)
  expect(sentences(refused)[0]).toContain('STSWATCH_LAB is set')
})

test('the configuration cannot be changed', () => {
  const { config } = accepted(FULL)
  const attempts: readonly (() => unknown)[] = [
    () => Object.assign(config, { timezone: 'UTC' }),
    () => Object.assign(config.domains[0] ?? {}, { expect: 'enforce' }),
    () => (config.domains as unknown[]).push(1),
    () => (config.channels as Map<unknown, unknown>).delete('ops'),
    () => (config.domains as unknown as { ignore: Set<unknown> }[])[1]?.ignore.clear(),
    () => Object.assign(config.channels.get('ops' as never) ?? {}, { channel: '#other' }),
  ]
  for (const attempt of attempts) expect(attempt).toThrow(TypeError)
})

test('five different mistakes are told at once, each with its line and a caret', () => {
  const text = `timezone: Europe/Berlni
defaults:
  chek: "*/15 * * * *"
domains:
  - example.com
  - name: example.org
    expect: enforced
  - EXAMPLE.com
resolvers: [dns.google]
`
  const loaded = parseWatchConfig(text, FILE, CONTEXT)
  expect(formatConfigProblems(loaded.ok ? [] : loaded.problems)).toBe(
    `config/watch.yaml:1:11: timezone: found "Europe/Berlni", allowed: an IANA time zone such as Europe/Berlin. Did you mean "Europe/Berlin"?
   1 | timezone: Europe/Berlni
     |           ^^^^^^^^^^^^^
config/watch.yaml:3:3: defaults.chek: unknown key, allowed: check, expect, certificate_warning_days, channels, dane, other_ports, both_key_types, name_servers, ignore. Did you mean "check"?
   3 |   chek: "*/15 * * * *"
     |   ^^^^
config/watch.yaml:7:13: domains[1].expect: found "enforced", allowed: enforce, testing, any. Did you mean "enforce"?
   7 |     expect: enforced
     |             ^^^^^^^^
config/watch.yaml:8:5: domains[2]: found "EXAMPLE.com", which stands in domains[0] already.
   8 |   - EXAMPLE.com
     |     ^^^^^^^^^^^
config/watch.yaml:9:13: resolvers[0]: found "dns.google", allowed: system, or an IP address such as 192.0.2.53 or "[2001:db8::53]:5353".
   9 | resolvers: [dns.google]
     |             ^^^^^^^^^^`,
  )
})

test('a thousand mistakes do not fill the screen', () => {
  const text = `domains:\n${'  - com\n'.repeat(1000)}`
  const loaded = parseWatchConfig(text, FILE, CONTEXT)
  const shown = formatConfigProblems(loaded.ok ? [] : loaded.problems)
  expect(shown.split('\n')).toHaveLength(151)
  expect(shown).toMatch(/… and 950 more$/)
})

test('the prototype of objects stays as it is', () => {
  parseWatchConfig(
    '__proto__: {polluted: 1}\nconstructor: {prototype: {polluted: 1}}\ndomains: [a.example]',
    FILE,
    CONTEXT,
  )
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})
