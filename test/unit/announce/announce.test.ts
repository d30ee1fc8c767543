import { describe, expect, it } from 'vitest'
import {
  type AnnounceTools,
  announce,
  GROUP_INTERVAL_MS,
  GROUP_WAIT_MS,
} from '../../../src/announce/announce.ts'
import { sharedSubject, sharedThread } from '../../../src/announce/thread.ts'
import type { ChannelConfig, WatchedDomain } from '../../../src/config/watch-config.ts'
import { DAY_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { Change } from '../../../src/model/change.ts'
import type { FindingCode, Severity } from '../../../src/model/finding.ts'
import type { Incident, Transition, TransitionReason } from '../../../src/model/incident.ts'
import type { ChannelId, Notification } from '../../../src/model/notification.ts'
import { DOMAIN, finding, type Played, play, START } from '../incident/play.ts'

const MX_EXPIRED: FindingCode = 'mx.certificate.expired'

const CHANNELS: Readonly<Record<string, ChannelConfig>> = {
  ops: { type: 'slack', channel: '#mail-ops', minSeverity: 'warning' },
  pager: { type: 'webhook', urlEnv: 'PAGER_URL', format: 'json', minSeverity: 'critical' },
  post: { type: 'email', to: ['postmaster@example.net'], minSeverity: 'info' },
}

function config(...names: readonly string[]) {
  const chosen = Object.entries(CHANNELS).filter(([name]) => names.includes(name))
  return { channels: new Map(chosen.map(([name, channel]) => [name as ChannelId, channel])) }
}

const EVERY = config('ops', 'pager', 'post')

const WATCHED: WatchedDomain = {
  name: DOMAIN,
  cron: '*/15 * * * *',
  expect: 'any',
  certificateWarningDays: [21, 7, 3, 1],
  tags: [],
  channels: [...EVERY.channels.keys()],
  dane: 'ignore',
  otherPorts: [],
  bothKeyTypes: false,
  nameServers: true,
  ignore: new Set(),
  submitReports: false,
}

function tools(overrides: Partial<AnnounceTools> = {}): AnnounceTools {
  let count = 0
  const newId = (prefix: string) => `${prefix}_${++count}`
  return {
    now: START,
    newId,
    groupWaitMs: GROUP_WAIT_MS,
    groupIntervalMs: GROUP_INTERVAL_MS,
    joinsOthers: () => false,
    quiet: () => null,
    ...overrides,
  }
}

/** `opened ops`: what is said to which channel. */
function heard(notifications: readonly Notification[]): readonly string[] {
  return notifications.map(({ channel, content }) =>
    content.kind === 'incident' ? `${content.reason} ${channel}` : `${content.kind} ${channel}`,
  )
}

function tellAll({ transitions }: Pick<Played, 'transitions'>, channels = EVERY): readonly string[] {
  return transitions.flatMap((transition) => heard(announce([transition], [], WATCHED, channels, tools())))
}

function change(changes: Partial<Change> = {}): Change {
  const plain = {
    domain: DOMAIN,
    at: START,
    part: 'mx',
    subject: null,
    summary: 'MX added',
    removed: [],
    added: [],
  }
  return { ...plain, notable: true, ...changes } as Change
}

describe('who is told', () => {
  it.each<[string, string, string[]]>([
    ['a warning', 'bad bad', ['opened ops', 'opened post']],
    ['a critical one', 'crit crit', ['opened ops', 'opened pager', 'opened post']],
    ['the end of a warning', 'bad bad ok ok', ['opened ops', 'opened post', 'resolved ops', 'resolved post']],
    [
      'everyone who heard of it hears the end',
      'bad bad crit crit bad ok ok',
      ['ops', 'post']
        .map((name) => `opened ${name}`)
        .concat(
          ['worsened', 'resolved'].flatMap((reason) =>
            ['ops', 'pager', 'post'].map((name) => `${reason} ${name}`),
          ),
        ),
    ],
    [
      'whoever heard of it hears of its return, milder or not',
      'crit crit ok ok bad bad',
      ['opened', 'resolved', 'opened'].flatMap((reason) =>
        ['ops', 'pager', 'post'].map((name) => `${reason} ${name}`),
      ),
    ],
    ['nobody of a suspicion', 'bad ok bad ok', []],
    ['nobody of a relapse', 'bad bad ok bad', ['opened ops', 'opened post']],
  ])('%s', (_, looks, expected) => {
    expect(tellAll(play(looks))).toEqual(expected)
  })

  it('only the channels of the domain', () => {
    const own = { ...WATCHED, channels: ['post' as ChannelId] }
    expect(heard(announce(play('crit crit').transitions, [], own, EVERY, tools()))).toEqual(['opened post'])
  })

  it('the terminal when no channel is configured', () => {
    expect(tellAll(play('bad bad ok ok'), config())).toEqual(['opened console', 'resolved console'])
  })
})

describe('the monitor tells of itself', () => {
  const ofMonitor = (code: FindingCode, severity: Severity, subject: string | null, channels = EVERY) => {
    const broken = play('bad', { code }).transitions.map(({ incident, ...step }) => {
      const latest = finding(code, START, { severity, subject })
      return { ...step, incident: { ...incident, latest, worst: severity } }
    })
    return heard(announce(broken, [], null, channels, tools()))
  }

  it.each<[string, Severity, string | null, string[], string[]]>([
    ['to every channel', 'critical', null, ['ops', 'pager', 'post'], ['ops', 'pager', 'post']],
    ['but not to a pager what is no emergency', 'warning', null, ['ops', 'pager', 'post'], ['ops', 'post']],
    ['unless there is nothing but the pager', 'warning', null, ['pager'], ['pager']],
    ['to the terminal when there is nothing else', 'critical', null, [], ['console']],
  ])('%s', (_, severity, subject, names, expected) => {
    const told = ofMonitor('monitor.config.broken', severity, subject, config(...names))
    expect(told).toEqual(expected.map((name) => `opened ${name}`))
  })

  it('and of a failing channel to the others, or to itself when it is the only one', () => {
    const code: FindingCode = 'monitor.channel.failing'
    expect(ofMonitor(code, 'critical', 'ops')).toEqual(['opened pager', 'opened post'])
    expect(ofMonitor(code, 'critical', 'ops', config('ops'))).toEqual(['opened ops'])
  })
})

describe('a notification', () => {
  const opened = (changes: Partial<AnnounceTools> = {}) =>
    announce(play('crit crit').transitions, [], WATCHED, EVERY, tools(changes))

  it('waits for company: thirty seconds, five minutes in a conversation that others are in', () => {
    const waits = (joins: boolean) =>
      new Set(opened({ joinsOthers: () => joins }).map(({ notBefore, createdAt }) => notBefore - createdAt))
    expect([...waits(false), ...waits(true)]).toEqual([GROUP_WAIT_MS, 5 * MINUTE_MS])
  })

  it('goes out together with all news of the same five minutes in such a conversation', () => {
    const sentAt = (now: number) => opened({ joinsOthers: () => true, now })[0]?.notBefore
    expect(sentAt(START + 4 * MINUTE_MS)).toBe(sentAt(START))
    expect(sentAt(START + 5 * MINUTE_MS)).toBe(START + 10 * MINUTE_MS)
  })

  it('belongs to the conversation of its incident', () => {
    const [step] = play('crit crit').transitions.slice(-1)
    expect(opened().every(({ thread }) => thread === step?.incident.thread)).toBe(true)
  })

  it('has a key of its own for each channel, step and destination, and the same one when decided again', () => {
    const keys = ({ transitions }: Played, channels = EVERY) =>
      transitions
        .flatMap((step) => announce([step], [], WATCHED, channels, tools()))
        .map(({ dedupeKey }) => dedupeKey)
    const story = play('crit crit ok ok crit crit')
    const all = keys(story)
    expect(new Set(all).size).toBe(9)
    expect(keys(story)).toEqual(all)
    const moved = {
      channels: new Map(EVERY.channels).set('ops' as ChannelId, { ...slack(), channel: '#other' }),
    }
    expect(keys(story, moved).filter((key) => !all.includes(key))).toHaveLength(3)
    expect(all.every((key) => /^[0-9a-f]{64}$/.test(key))).toBe(true)
  })

  function slack() {
    return { type: 'slack', channel: '#mail-ops', minSeverity: 'warning' } as const
  }
})

describe('changes', () => {
  const step = (reason: TransitionReason, code: FindingCode, subject: string | null = null): Transition => {
    const [suspected] = play('bad', { code }).transitions
    const incident = { ...(suspected?.incident as Incident), latest: finding(code, START, { subject }) }
    return { reason, at: START, incident }
  }
  const toldOf = (changes: readonly Change[], transitions: readonly Transition[] = []) =>
    announce(transitions, changes, WATCHED, EVERY, tools()).filter(
      ({ content }) => content.kind === 'changes',
    )

  it('worth a message go, together, to those who want to hear of little things', () => {
    const told = toldOf([
      change(),
      change({ part: 'sts-policy', notable: false, settles: null }),
      change({ part: 'tlsa' }),
    ])
    expect(told).toMatchObject([
      { channel: 'post', severity: 'info', content: { changes: [{ part: 'mx' }, { part: 'tlsa' }] } },
    ])
  })

  it.each<[string, Change, Transition, number]>([
    ['the MX is not covered', change(), step('suspected', 'mta-sts.policy.mx-uncovered', 'mx2.example'), 0],
    ['the policy was weakened', change({ part: 'sts-policy' }), step('opened', 'mta-sts.policy.weakened'), 0],
    ['the record is gone', change({ part: 'sts-record' }), step('suspected', 'mta-sts.record.missing'), 0],
    [
      'something else is wrong',
      change({ part: 'sts-policy' }),
      step('suspected', 'tlsrpt.record.missing'),
      1,
    ],
    [
      'the text is merely remarked upon',
      change({ part: 'sts-policy' }),
      step('opened', 'mta-sts.policy.max-age-short'),
      1,
    ],
    [
      'another host is meant',
      change({ part: 'mx-session', subject: 'mx1' }),
      step('opened', 'mx.tls.failed', 'mx2'),
      1,
    ],
    ['the change mends it', change({ part: 'sts-policy' }), step('recovering', 'mta-sts.policy.weakened'), 0],
    [
      'the new id mends it',
      change({ part: 'sts-record' }),
      step('recovering', 'mta-sts.policy.changed-without-id'),
      0,
    ],
  ])('that an incident is about are told by it: %s', (_, one, transition, messages) => {
    expect(toldOf([one], [transition])).toHaveLength(messages)
  })

  it('are nobody’s business when nothing is notable', () => {
    expect(toldOf([change({ notable: false, settles: null })])).toEqual([])
  })
})

describe('conversations', () => {
  const at = (code: FindingCode, subject: string | null) => finding(code, START, { subject })

  it('are shared by domains that use the same host, for the same problem and day', () => {
    const name = sharedThread(at(MX_EXPIRED, 'mx1'), START)
    expect(sharedThread({ ...at(MX_EXPIRED, 'mx1'), domain: null }, START + MINUTE_MS)).toBe(name)
    const others = [
      sharedThread(at(MX_EXPIRED, 'mx2'), START),
      sharedThread(at('mx.tls.failed', 'mx1'), START),
      sharedThread(at(MX_EXPIRED, 'mx1'), START + DAY_MS),
    ]
    expect(new Set([name, ...others]).size).toBe(4)
  })

  it('are their own for what concerns one domain', () => {
    expect(sharedThread(at('mta-sts.policy.mx-uncovered', 'mx1'), START)).toBeNull()
    expect(sharedSubject(at('mta-sts.record.missing', null))).toBeNull()
    expect(sharedSubject(at(MX_EXPIRED, 'mx1'))).toBe('mx1')
  })

  it.each([
    ['certificate-expired', 'mx1', 'x'],
    ['tlsa-invalid', 'mx1', 'x'],
    ['certificate-expired', null, null],
    ['validation-failure', 'mx1', null],
    ['sts-policy-fetch-error', null, null],
  ])('of what senders report: %s at %s', (resultType, mx, shared) => {
    const evidence = { failure: { resultType, mx } }
    expect(sharedSubject(finding('tlsrpt.reported.failures', START, { subject: 'x', evidence }))).toBe(shared)
  })
})
