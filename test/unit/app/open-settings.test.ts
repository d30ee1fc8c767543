import { expect, test } from 'vitest'
import { REAL_WORLD } from '../../../src/app/open-probe.ts'
import { openSettings } from '../../../src/app/open-settings.ts'
import { readEnv, type Variables } from '../../../src/config/env.ts'
import { parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'

const NOW = Date.UTC(2026, 10, 23)

/** What keeps an installation with this section and these variables from starting. */
function problemsOf(section: string, variables: Variables): readonly string[] {
  const context = { hostname: 'monitor.example.net', now: NOW, lab: false }
  const loaded = parseWatchConfig(`domains: [a.example]\n${section}\n`, 'watch.yaml', context)
  const env = readEnv(variables)
  if (!loaded.ok || !env.ok) throw new Error('both are right as they stand')
  const opened = openSettings(loaded.config, env.value, {
    clock: manualClock(NOW),
    newId: () => 'id',
    world: REAL_WORLD,
    console: { write: () => {}, colour: false },
    onSigning: () => {},
    smtpCa: null,
    isDrill: false,
    notice: () => {},
  })
  return opened.ok ? [] : opened.problems
}

test('reports to ourselves need all that reports need, and the mailbox in which they are waited for', () => {
  expect(problemsOf('reports: {canary: true}', {})).toEqual([
    'TLS reports (`reports: canary`) need MAIL_FROM: it is their sender and contact',
    'TLS reports (`reports: canary`) need SMTP_URL, or `delivery: direct`',
    expect.stringContaining('need a DKIM key'),
    '`reports: canary` needs `mailbox:`: that is where the canary is waited for',
  ])
  expect(problemsOf('reports: {submit: true, canary: true, delivery: direct}', {})[0]).toContain(
    '`reports: submit, canary`',
  )
  expect(problemsOf('reports: {canary: false}', {})).toEqual([])
})

test('a mailbox without a login, and a login without a mailbox, are told at the start like a channel that is mute', () => {
  const IMAP_URL = 'imaps://u:canary@mail.example.net'
  expect(problemsOf('mailbox: {}', {})).toEqual([expect.stringContaining('needs IMAP_URL')])
  expect(problemsOf('', { IMAP_URL })).toEqual([expect.stringMatching(/^IMAP_URL is set(?!.*canary)/)])
  expect(problemsOf('mailbox: {}', { IMAP_URL })).toEqual([])
  expect(problemsOf('mailbox: {}\nchannels: {ops: {type: slack, channel: "#x"}}', {})).toHaveLength(2)
})
