import { expect, test } from 'vitest'
import { parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import { HOUR_MS } from '../../../src/lib/time.ts'

const CONTEXT = { hostname: 'monitor.ops.example', now: Date.UTC(2026, 10, 23), lab: false }
const HEAD = `timezone: Europe/Berlin
domains:
  - { name: example.com, tags: [customer-a] }
maintenance:
`

function problems(lines: string): readonly string[] {
  const parsed = parseWatchConfig(`${HEAD}${lines}`, 'watch.yaml', CONTEXT)
  return parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

test('windows by cron and by dates reach the configuration', () => {
  const text = `${HEAD}  - name: patch night
    tags: [customer-a]
    cron: "0 22 * * tue"
    duration: 2h
    expect: [mx.host.unreachable, "mx.certificate.*"]
  - { name: move, domains: [Example.com], from: 2026-12-01T20:00, until: "2026-12-01T22:00Z" }
`
  const parsed = parseWatchConfig(text, 'watch.yaml', CONTEXT)
  expect(parsed.ok ? parsed.config.maintenance : parsed.problems).toEqual([
    {
      name: 'patch night',
      domains: [],
      tags: ['customer-a'],
      when: { kind: 'cron', cron: '0 22 * * tue', durationMs: 2 * HOUR_MS },
      expect: ['mx.host.unreachable', 'mx.certificate.*'],
    },
    {
      name: 'move',
      domains: ['example.com'],
      tags: [],
      when: { kind: 'once', from: Date.UTC(2026, 11, 1, 19), until: Date.UTC(2026, 11, 1, 22) },
      expect: [],
    },
  ])
})

test.each([
  ['  - { name: a, cron: "0 22 * * tue" }', '5:7 missing, wanted: how long, such as 2h'],
  ['  - { name: a }', '5:7 missing, wanted: `cron` with `duration`, or `from` with `until`'],
  ['  - { name: a, from: 2026-12-01T20:00 }', '5:7 missing, wanted: a time such as 2026-12-01T23:00'],
  [
    '  - { name: a, from: 2026-12-01T20:00, until: 2026-12-01T20:00 }',
    '5:47 found "2026-12-01T20:00", allowed: a time after `from`',
  ],
  [
    '  - { name: a, cron: "0 22 * * tue", duration: 8d }',
    '5:48 found "8d", allowed: a duration such as 90m, 2h or 1d, at most 7d',
  ],
  [
    '  - { name: a, cron: "0 22 * * tue", duration: 1h, from: 2026-12-01T20:00 }',
    '5:58 found "2026-12-01T20:00", allowed: either `cron` with `duration`, or `from` with `until`',
  ],
  [
    '  - { name: a, from: yesterday, until: 2026-12-01T20:00 }',
    '5:22 found "yesterday", allowed: a time such as 2026-12-01T20:00 (in Europe/Berlin) or 2026-12-01T20:00Z',
  ],
  [
    '  - { name: a, domains: [exmple.com], cron: "0 22 * * tue", duration: 1h }',
    '5:26 found "exmple.com", allowed: a domain that stands in `domains`',
  ],
  [
    '  - { name: a, tags: [customer-b], cron: "0 22 * * tue", duration: 1h }',
    '5:23 found "customer-b", allowed: a tag that a domain in `domains` has',
  ],
  [
    '  - { name: a, expect: [mx.certificat.*], cron: "0 22 * * tue", duration: 1h }',
    '5:25 found "mx.certificat.*", allowed: a finding code (docs/findings.md lists them), or a beginning of some such as mx.certificate.*',
  ],
])('%s', (lines, expected) => {
  expect(problems(lines)).toEqual([expected])
})

test('seven days are allowed', () => {
  expect(problems('  - { name: a, cron: "0 22 * * tue", duration: 7d }')).toEqual([])
})
