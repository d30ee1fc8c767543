import { describe, expect, it } from 'vitest'
import { advance } from '../../../src/incident/advance.ts'
import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { Incident, Transition } from '../../../src/model/incident.ts'
import type { OwnSighting, ReportedPolicy } from '../../../src/model/report-window.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { countingTools, remember } from '../incident/play.ts'
import { daysAgo, GOOGLE, judgeReports, MICROSOFT, reportWindow, said } from './report-builder.ts'
import { failed, healthy, MX1, MX2, mxHost, NOW } from './snapshot-builder.ts'

/** Senders' days as words, a column a day, and what was told at noon of the day after each. */
interface Timeline {
  /** bad: 200 of 1,000 sessions. some: 9. ok: none. -: no report. late: bad, but it arrives a week later. */
  readonly google?: string
  readonly microsoft?: string
  /** clean unless told: blind, the host cannot be looked up. */
  readonly look?: string
  readonly resultType?: string
}

const START = daysAgo(40)
const FAILED: Readonly<Record<string, number>> = { bad: 200, late: 200, some: 9, ok: 0 }
const SAID = new Set(['opened', 'worsened', 'resolved'])

function policiesOf(reporter: DomainName, words: string, resultType: string): readonly ReportedPolicy[] {
  return words.split(' ').flatMap((word, index) => {
    const failedSessions = FAILED[word]
    if (failedSessions === undefined) return []
    const dayAt = START + index * DAY_MS
    const receivedAt = dayAt + DAY_MS + 4 * HOUR_MS + (word === 'late' ? 7 * DAY_MS : 0)
    return [said({ reporter, dayAt, receivedAt, failed: failedSessions, resultType })]
  })
}

function sightings(memory: readonly Incident[]): readonly OwnSighting[] {
  return memory.map(({ latest: { code, subject }, firstSeenAt, phase }) => ({
    code,
    subject,
    firstSeenAt,
    endedAt: phase.name === 'resolved' ? phase.resolvedAt : null,
  }))
}

function told({
  google = '',
  microsoft = '',
  look = '',
  resultType = 'certificate-expired',
}: Timeline): string {
  const all = [...policiesOf(GOOGLE, google, resultType), ...policiesOf(MICROSOFT, microsoft, resultType)]
  const looks = look.split(' ')
  const count = Math.max(google.split(' ').length, microsoft.split(' ').length, looks.length)
  let memory: readonly Incident[] = []
  const lines = Array.from({ length: count }, (_, index) => {
    const now = START + (index + 1) * DAY_MS + 12 * HOUR_MS
    const blind = mxHost(MX2, [], { addresses: failed('dns-timeout') })
    const hosts = looks[index] === 'blind' ? [mxHost(MX1, ['192.0.2.25']), blind] : healthy().hosts
    const policies = all.filter(({ receivedAt, dayAt }) => receivedAt <= now && now - dayAt <= 30 * DAY_MS)
    const reports = reportWindow(policies, { ownSightings: sightings(memory), mailboxReadAt: null })
    const judgement = judgeReports(reports, { snapshot: healthy({ takenAt: now, hosts }), now })
    const transitions: readonly Transition[] = advance(memory, judgement, now, countingTools()).filter(
      ({ incident }) => incident.latest.code === 'tlsrpt.reported.failures',
    )
    memory = remember(memory, transitions)
    return transitions.map(({ reason }) => reason).find((reason) => SAID.has(reason)) ?? '.'
  })
  return lines.join(' ')
}

describe('the life of what senders report', () => {
  it.each<[string, Timeline, string]>([
    ['one sender on one day', { google: 'ok bad ok ok' }, '. . . .'],
    [
      'one sender on two days, then a clean one and our clean look',
      { google: 'bad bad ok ok' },
      '. opened resolved .',
    ],
    ['two senders on one day', { google: 'bad ok', microsoft: 'bad ok' }, 'opened resolved'],
    [
      'two clean days where our look cannot tell',
      { google: 'bad bad ok ok', look: 'blind blind blind blind' },
      '. opened . resolved',
    ],
    [
      'both must be clean where our look cannot tell',
      { google: 'bad ok ok ok', microsoft: 'bad - ok ok', look: 'blind blind blind blind' },
      'opened . . resolved',
    ],
    ['a day without reports proves nothing', { google: 'bad bad - - ok' }, '. opened . . resolved'],
    ['it goes on', { google: 'bad bad bad bad ok' }, '. opened . . resolved'],
    ['a few are left', { google: 'bad bad some some' }, '. opened resolved .'],
    ['it comes back', { google: 'bad bad ok bad bad ok' }, '. opened resolved . opened resolved'],
    [
      'nobody reports any more: a week and our clean look',
      { google: 'bad bad - - - - - - - -' },
      '. opened . . . . . . resolved .',
    ],
    [
      'nobody reports and no look can see it',
      { google: 'bad bad - - - - - - - -', resultType: 'tlsa-invalid' },
      '. opened . . . . . . resolved .',
    ],
    [
      'a late report opens nothing',
      { google: 'ok late late ok ok ok ok ok ok ok ok ok ok' },
      '. . . . . . . . . . . . .',
    ],
    [
      'a late report of an earlier day ends nothing and reopens nothing',
      { google: 'late bad bad ok ok - - - - -' },
      '. . opened resolved . . . . . .',
    ],
  ])('%s', (_, timeline, expected) => {
    expect(told(timeline)).toBe(expected)
  })

  it('never lasts longer than the window, whatever cannot be seen', () => {
    const silence = Array.from({ length: 32 }, () => '-').join(' ')
    const look = Array.from({ length: 34 }, () => 'blind').join(' ')
    expect(
      told({ google: `bad bad ${silence}`, look })
        .split(' ')
        .indexOf('resolved'),
    ).toBe(30)
  })
})

it('goes on in one conversation when our own look finds the cause', () => {
  const tools = countingTools()
  const policies = [said({ failed: 200 }), said({ failed: 200, reporter: MICROSOFT })]
  const reported = judgeReports(reportWindow(policies))
  const opened = advance([], reported, NOW, tools)
  const memory = remember([], opened)
  expect(opened.map(({ reason, incident }) => `${reason} ${incident.latest.code}`)).toEqual([
    'opened tlsrpt.reported.failures',
  ])
  const own = {
    code: 'mx.certificate.expired',
    domain: opened[0]?.incident.domain ?? null,
    subject: MX2,
    severity: 'critical',
    reported: [],
    atRisk: null,
    evidence: {},
  } as const
  const look = (at: number) => ({
    findings: [{ ...own, observedAt: at } as never],
    undecided: [],
    observedAt: at,
  })
  const first = advance(memory, look(NOW + 60_000), NOW + 60_000, tools)
  const second = advance(remember(memory, first), look(NOW + 180_000), NOW + 180_000, tools)
  expect(
    second.map(({ reason, incident }) => `${reason} ${incident.latest.code} ${incident.thread}`),
  ).toEqual([`opened mx.certificate.expired ${opened[0]?.incident.thread}`])
})
