import { describe, expect, it } from 'vitest'
import { announce } from '../../../src/announce/announce.ts'
import { sharedSubject, sharedThread } from '../../../src/announce/thread.ts'
import {
  BRAKE_OFF,
  isHeldBack,
  massFailure,
  recordCheck,
  refreshBrake,
  summarise,
} from '../../../src/check/mass-failure.ts'
import { judgeMonitor, type MonitorState } from '../../../src/check/self.ts'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { advance } from '../../../src/incident/advance.ts'
import { nextLookAt } from '../../../src/incident/next-look.ts'
import type { AdvanceTools } from '../../../src/incident/scene.ts'
import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { Finding, FindingCode } from '../../../src/model/finding.ts'
import type { Incident, ThreadId, Transition } from '../../../src/model/incident.ts'
import type { Notification } from '../../../src/model/notification.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { simpleLook } from '../check/simple-look.ts'
import { remember, START } from './play.ts'

/** A whole monitor of many domains, each looked at every 15 minutes and whenever its incidents ask for it. */
interface Story {
  readonly domains: number
  /** What domain number n suffers from at that minute; null when nothing. */
  readonly trouble: (
    n: number,
    minute: number,
  ) => { readonly code: FindingCode; readonly host: string } | null
  readonly minutes: number
}

interface Told {
  readonly ofDomains: readonly Notification[]
  readonly ofMonitor: readonly Notification[]
}

function tell({ domains, trouble, minutes }: Story): Told {
  let brake = BRAKE_OFF
  let own: readonly Incident[] = []
  let ids = 0
  const newId = (prefix: string) => `${prefix}_${++ids}`
  const memories = new Map<number, readonly Incident[]>()
  const dueAt = new Map<number, UnixMs>()
  const ofDomains: Notification[] = []
  const ofMonitor: Notification[] = []

  for (let minute = 0; minute < minutes; minute++) {
    const now = START + minute * MINUTE_MS
    for (let n = 0; n < domains; n++) {
      if (minute % 15 !== n % 15 && (dueAt.get(n) ?? Infinity) > now) continue
      const memory = memories.get(n) ?? []
      const judgement = { findings: findingsOf(n, trouble(n, minute), now), undecided: [], observedAt: now }
      const knownSince = minute < 15 ? null : START
      brake = recordCheck(
        brake,
        summarise(judgement, memory, snapshotOf(n, trouble(n, minute), now), knownSince),
        now,
      )
      const tools: AdvanceTools = {
        newId,
        threadFor: (finding) => openThread(memories, finding) ?? sharedThread(finding, now),
        hold: (finding) => isHeldBack(brake, finding, now),
        resolvers: 2,
      }
      const transitions = advance(memory, judgement, now, tools)
      memories.set(n, remember(memory, transitions))
      dueAt.set(n, nextLookAt(memories.get(n) ?? [], now) ?? Infinity)
      ofDomains.push(...announced(transitions, watched(n), now, newId))
    }
    brake = refreshBrake(brake, now)
    const state: MonitorState = { ...HEALTHY, massFailure: massFailure(brake) }
    const tools: AdvanceTools = { newId, threadFor: () => null, hold: () => false, resolvers: 2 }
    const transitions = advance(own, judgeMonitor(state, now), now, tools)
    own = remember(own, transitions)
    ofMonitor.push(...announced(transitions, null, now, newId))
  }
  return { ofDomains, ofMonitor }
}

const HEALTHY: MonitorState = {
  vantage: { dns: 'sees', dnssec: 'sees', https: 'sees', smtp: 'sees' },
  resolvers: [],
  dnssecUsers: [],
  clockReadings: [],
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

function announced(
  transitions: readonly Transition[],
  domain: WatchedDomain | null,
  now: UnixMs,
  newId: (prefix: string) => string,
): readonly Notification[] {
  const tools = {
    now,
    newId,
    groupWaitMs: 0,
    groupIntervalMs: 0,
    joinsOthers: () => false,
    quiet: () => null,
  }
  return announce(transitions, [], domain, { channels: new Map() }, tools)
}

function watched(n: number): WatchedDomain {
  return {
    name: nameOf(n),
    cron: '*/15 * * * *',
    expect: 'any',
    certificateWarningDays: [21, 7, 3, 1],
    tags: [],
    channels: [],
    dane: 'ignore',
    otherPorts: [],
    bothKeyTypes: false,
    nameServers: true,
    ignore: new Set(),
    submitReports: false,
  }
}

function nameOf(n: number): DomainName {
  return `d${n}.example` as DomainName
}

type Trouble = ReturnType<Story['trouble']>

function findingsOf(n: number, trouble: Trouble, observedAt: UnixMs): readonly Finding[] {
  if (trouble === null) return []
  const about = { domain: nameOf(n), subject: trouble.host, severity: 'critical', observedAt }
  return [{ ...about, code: trouble.code, reported: [], atRisk: null, evidence: {} } as unknown as Finding]
}

function snapshotOf(n: number, trouble: Trouble, at: UnixMs): Snapshot {
  const smtp = trouble === null ? {} : { [trouble.host]: { [`192.0.${n}.1`]: 'connect-timeout' as const } }
  return simpleLook({ domain: nameOf(n), at, smtp })
}

function openThread(memories: ReadonlyMap<number, readonly Incident[]>, finding: Finding): ThreadId | null {
  const subject = sharedSubject(finding)
  const open = [...memories.values()]
    .flat()
    .find(
      ({ latest, phase }) =>
        phase.name === 'open' && latest.code === finding.code && latest.subject === subject,
    )
  return subject === null ? null : (open?.thread ?? null)
}

const reasons = (notifications: readonly Notification[]) =>
  notifications.map(({ content }) => (content.kind === 'incident' ? content.reason : content.kind))

describe('many domains', () => {
  const ownHost = (n: number) => `mx.d${n}.example`

  it.each<FindingCode>(['mx.host.unreachable', 'mx.starttls.missing'])(
    'half of them failing by %s for thirty minutes raises one incident of the monitor and none of a domain',
    (code) => {
      const isDown = (minute: number) => minute >= 60 && minute < 90
      const told = tell({
        domains: 40,
        minutes: 180,
        trouble: (n, minute) => (n % 2 === 0 && isDown(minute) ? { code, host: ownHost(n) } : null),
      })
      expect(told.ofDomains).toEqual([])
      expect(reasons(told.ofMonitor)).toEqual(['opened', 'resolved'])
    },
  )

  it('one of them failing meanwhile is told once the brake is off', () => {
    const told = tell({
      domains: 40,
      minutes: 240,
      trouble: (n, minute) => {
        const isDown = n === 1 ? minute >= 60 : n % 2 === 0 && minute >= 60 && minute < 90
        return isDown ? { code: 'mx.host.unreachable', host: ownHost(n) } : null
      },
    })
    expect(told.ofDomains).toMatchObject([
      { content: { reason: 'opened', incident: { domain: 'd1.example' } } },
    ])
  })

  it('sharing a provider whose certificate expires are told in one conversation', () => {
    const told = tell({
      domains: 50,
      minutes: 300,
      trouble: (_, minute) =>
        minute >= 60 && minute < 200 ? { code: 'mx.certificate.expired', host: 'mx.provider.example' } : null,
    })
    expect(new Set(told.ofDomains.map(({ thread }) => thread)).size).toBe(1)
    const timesTold = (reason: string) => reasons(told.ofDomains).filter((one) => one === reason).length
    expect([timesTold('opened'), timesTold('resolved')]).toEqual([50, 50])
    expect(told.ofMonitor).toEqual([])
  })

  it('a few of them failing for good are told as they are', () => {
    const told = tell({
      domains: 40,
      minutes: 180,
      trouble: (n, minute) =>
        n < 4 && minute >= 60 ? { code: 'mx.host.unreachable', host: ownHost(n) } : null,
    })
    const latest = told.ofDomains.map(({ createdAt }) => createdAt).at(-1) ?? Infinity
    expect(reasons(told.ofDomains)).toEqual(['opened', 'opened', 'opened', 'opened'])
    // One interval and the quarter of an hour that confirmation takes.
    expect(latest - START).toBeLessThanOrEqual(HOUR_MS + 30 * MINUTE_MS)
    expect(told.ofMonitor).toEqual([])
  })
})
