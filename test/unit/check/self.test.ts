import { describe, expect, it } from 'vitest'
import { clockSkewMs, judgeMonitor, type MonitorState } from '../../../src/check/self.ts'
import { HOUR_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { START } from './simple-look.ts'

const SEES = { dns: 'sees', dnssec: 'sees', https: 'sees', smtp: 'sees' } as const

const HEALTHY: MonitorState = {
  vantage: SEES,
  resolvers: ['192.0.2.53'],
  dnssecUsers: [],
  clockReadings: skews(0, 1),
  brokenConfig: null,
  failingChannels: [],
  unsignedMail: null,
  heldReports: null,
  canaries: null,
  failingChecks: [],
  massFailure: { kind: 'quiet' },
  failingMailboxes: [],
  renumberedFolders: [],
  unreadableMails: [],
}

function skews(...seconds: readonly number[]) {
  return seconds.map((skew, n) => ({ source: `host${n}.example`, skewMs: skew * SECOND_MS }))
}

const blindAll = { dns: 'blind', dnssec: 'unproven', https: 'blind', smtp: 'blind' } as const
const unvalidated = { ...SEES, dnssec: 'blind' } as const
const failing = { channel: 'ops', errorCode: 'invalid_auth', error: 'invalid_auth' }
const unsigned = { domain: 'ops.example', selector: 'mail1', why: 'the body is empty' }
const renumbered = { account: 'tls@mail.example:993', folder: 'INBOX', before: '1', after: '2', at: START }

function mailbox(minutes: number, account = 'tls@mail.example:993') {
  return { account, failure: 'login-refused', error: 'no', sinceAt: START - minutes * 60 * SECOND_MS }
}

function unreadable(count: number) {
  return Array.from({ length: count }, (_, n) => ({ sender: `s${n}.example`, reason: 'json-truncated' }))
}
const domains = ['a.example' as DomainName]

describe('the monitor judges itself', () => {
  it.each<[string, Partial<MonitorState>, string[]]>([
    ['healthy', {}, []],
    ['blind', { vantage: blindAll }, ['monitor.dns.blind']],
    ['nobody validates, nobody needs it', { vantage: unvalidated }, []],
    ['nobody validates', { vantage: unvalidated, dnssecUsers: domains }, ['monitor.dnssec.blind']],
    [
      'blind, with a domain that has DANE',
      { vantage: blindAll, dnssecUsers: domains },
      ['monitor.dns.blind'],
    ],
    [
      'blind, but for the DNS',
      { vantage: { ...blindAll, dns: 'sees' } },
      ['monitor.https.blind', 'monitor.smtp.blind'],
    ],
    ['clock two minutes ahead', { clockReadings: skews(120, 120) }, []],
    ['clock more than two minutes ahead', { clockReadings: skews(121, 121) }, ['monitor.clock.skewed']],
    ['clock behind', { clockReadings: skews(-121, -300, -121) }, ['monitor.clock.skewed']],
    ['one source wrong', { clockReadings: skews(0, 9_000, 1) }, []],
    ['config', { brokenConfig: { file: 'watch.yaml', problems: ['line 3'] } }, ['monitor.config.broken']],
    ['channel', { failingChannels: [failing] }, ['monitor.channel.failing']],
    ['unsigned', { unsignedMail: unsigned }, ['monitor.dkim.failing']],
    ['reports held', { heldReports: unsigned }, ['monitor.reports.held']],
    ['brake', { massFailure: { kind: 'brake', domains, of: 3 } }, ['monitor.mass-failure']],
    ['mailbox, for an hour', { failingMailboxes: [mailbox(60)] }, []],
    ['mailbox, for longer', { failingMailboxes: [mailbox(60 + 1 / 60)] }, ['monitor.mailbox.unreachable']],
    ['folder renumbered', { renumberedFolders: [renumbered] }, ['monitor.mailbox.renumbered']],
    ['ten unreadable mails', { unreadableMails: unreadable(10) }, []],
    ['eleven unreadable mails', { unreadableMails: unreadable(11) }, ['monitor.mailbox.unreadable']],
    ['provider', { massFailure: { kind: 'provider', shared: 'mx.example', domains } }, []],
  ])('%s', (_, changes, codes) => {
    const { findings } = judgeMonitor({ ...HEALTHY, ...changes }, START)
    expect(findings.map(({ code }) => code)).toEqual(codes)
    expect(findings.every(({ domain, observedAt }) => domain === null && observedAt === START)).toBe(true)
  })

  it.each<[string, Partial<MonitorState>, string[]]>([
    ['everything known', {}, []],
    ['sight unproven', { vantage: { ...SEES, smtp: 'unproven' } }, ['monitor.smtp.blind']],
    ['no names', { vantage: { ...SEES, dns: 'blind' } }, ['monitor.https.blind', 'monitor.smtp.blind']],
    ['one clock only', { clockReadings: skews(9_000) }, ['monitor.clock.skewed']],
    ['mailbox, for an hour', { failingMailboxes: [mailbox(60)] }, ['monitor.mailbox.unreachable']],
    ['mailbox, for longer', { failingMailboxes: [mailbox(60 + 1 / 60)] }, []],
  ])('and leaves undecided what it cannot tell: %s', (_, changes, codes) => {
    expect(judgeMonitor({ ...HEALTHY, ...changes }, START).undecided.map(({ code }) => code)).toEqual(codes)
  })

  it('keeps the trouble of two channels apart', () => {
    const failingChannels = [failing, { ...failing, channel: 'postmaster' }]
    const { findings } = judgeMonitor({ ...HEALTHY, failingChannels }, START)
    expect(findings.map(({ subject }) => subject)).toEqual(['ops', 'postmaster'])
  })

  it('keeps two mailboxes apart, and shows five of the mails that it could not read', () => {
    const failingMailboxes = [mailbox(90), mailbox(90, 'other@mail.example:993')]
    const unreadableMails = unreadable(20)
    const { findings } = judgeMonitor({ ...HEALTHY, failingMailboxes, unreadableMails }, START)
    expect(findings.map(({ subject }) => subject)).toEqual([
      'tls@mail.example:993',
      'other@mail.example:993',
      null,
    ])
    expect(findings.at(-1)).toMatchObject({
      evidence: { mails: 20, examples: unreadableMails.slice(0, 5) },
    })
  })

  it('takes a clock that is hours off for critical', () => {
    const { findings } = judgeMonitor({ ...HEALTHY, clockReadings: skews(7_200, 7_200) }, START)
    expect(findings).toMatchObject([{ severity: 'critical', evidence: { skewMs: 2 * HOUR_MS } }])
  })
})

it.each([
  [[], null],
  [[5], null],
  [[4, 8], 6],
  [[8, 4, 100], 8],
])('the median of %j is %s', (seconds, median) => {
  expect(clockSkewMs(skews(...seconds))).toBe(median === null ? null : median * SECOND_MS)
})
