import { chainAt, tlsaLine } from '../check/rollover.ts'
import { DAY_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { RemedyLine } from '../model/description.ts'
import type { PlanWait } from '../model/plan.ts'
import type { AppliedPolicy } from '../model/policy-version.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { coversMx, matchesMxPattern } from '../protocol/mta-sts/mx-match.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'
import { idStep } from './id-step.ts'
import { heldWaits, lastChange, ttlOf } from './past.ts'
import { liveMx, type PlanWorld, servedBy } from './plan-world.ts'
import {
  code,
  fileLines,
  hostBlocks,
  hostsPass,
  idIsNew,
  policyUnknown,
  recordLine,
  text,
  withHosts,
} from './step-parts.ts'
import { type Done, doneIf, HARMLESS, NO, NO_WAIT, type StepRule, YES } from './step-rule.ts'

/** RFC 5321 §4.5.4.1: senders keep trying for at least four to five days. */
const QUEUE_MS = 5 * DAY_MS

/**
 * From the MX hosts of today to `wanted`, and nothing else: the policy covers both before the DNS names the new ones, and
 * the old ones after it names them no more (RFC 8461 §8.1).
 */
export function planChangeMx(world: PlanWorld, wanted: readonly DomainName[]): readonly StepRule[] {
  const policy = servedBy(world)
  return [
    hostsStep(world, wanted),
    ...tlsaStep(world),
    ...(hasNoPolicy(world) ? [] : [coverStep(world, wanted, policy), coverIdStep(world, wanted, policy)]),
    mxStep(world, wanted),
    ...(hasNoPolicy(world)
      ? []
      : [
          narrowStep(world, wanted, policy),
          idStep(world, 'narrow-id', { id: 'narrow', isDone: policy !== null && isNarrow(policy, wanted) }),
        ]),
    retireStep(world, wanted, policy),
  ]
}

/** Nobody was ever told of a policy: there is nothing to cover. */
function hasNoPolicy({ facts, versions }: PlanWorld): boolean {
  return facts.record.state === 'missing' && versions.length === 0
}

function hostsStep(world: PlanWorld, wanted: readonly DomainName[]): StepRule {
  const { judgement } = world.newHosts
  return {
    id: 'new-hosts',
    title: `Make ${wanted.join(', ')} ready`,
    lines: [text('Each needs an address, STARTTLS, and a certificate that is valid for its own name.')],
    doneWhen: 'a TLS session with every address of the new hosts verifies',
    done: hostsPass(judgement, wanted),
    blocks: hostBlocks(judgement, wanted),
    waits: NO_WAIT,
    isBegun: false,
    ifEarly: HARMLESS,
  }
}

/** Only where the MX hosts of today have TLSA records. */
function tlsaStep({ facts, newHosts }: PlanWorld): readonly StepRule[] {
  if (!facts.snapshot.hosts.some(({ tlsa }) => tlsa.outcome === 'seen')) return []
  const lacking = newHosts.hosts.filter(({ tlsa }) => tlsa.outcome !== 'seen')
  const missing = lacking.map(({ name }) => name)
  const unknown = lacking.some(({ tlsa }) => tlsa.outcome === 'failed')
  return [
    {
      id: 'tlsa',
      title: 'Publish TLSA records for the new hosts',
      lines: lacking.map(tlsaToPublish),
      doneWhen: 'each new host has TLSA records in a signed zone',
      done: unknown
        ? { is: 'unknown', because: 'the TLSA records of a new host could not be seen' }
        : doneIf(missing.length === 0),
      blocks: [],
      waits: NO_WAIT,
      isBegun: false,
      ifEarly: HARMLESS,
    },
  ]
}

/** For the key that the host shows; without a session nobody knows which. */
function tlsaToPublish(host: MxHost): RemedyLine {
  const key = host.sessions.flatMap((session) => chainAt(session)?.[0]?.spkiSha256 ?? [])[0]
  return key === undefined
    ? text(`${host.name} showed no key to make a record of.`)
    : code(tlsaLine(host, key))
}

function coverStep(world: PlanWorld, wanted: readonly DomainName[], policy: StsPolicy | null): StepRule {
  const { domain } = world.facts.snapshot
  const both = withHosts(policy?.mxPatterns ?? [], [...(liveMx(world) ?? []), ...wanted])
  return {
    id: 'cover',
    title: 'Serve a policy that covers the old and the new hosts',
    lines: fileLines(domain, { ...(policy ?? UNKNOWN_POLICY), mxPatterns: both }),
    doneWhen: 'every address serves a policy that covers every new host',
    done: policyDone(world, policy, (one) => isCovered(one, wanted)),
    blocks: [],
    waits: NO_WAIT,
    isBegun: false,
    ifEarly: HARMLESS,
  }
}

/** Once the policy is narrowed, its id is another step's business. */
function coverIdStep(world: PlanWorld, wanted: readonly DomainName[], policy: StsPolicy | null): StepRule {
  const step = idStep(world, 'cover-id', {
    id: 'cover',
    isDone: policy !== null && isCovered(policy, wanted),
  })
  const isPast = policy !== null && isChanged(world, wanted) && isNarrow(policy, wanted)
  return isPast ? { ...step, done: YES } : step
}

const UNKNOWN_POLICY: StsPolicy = { version: 'STSv1', mode: 'testing', maxAgeSeconds: 86_400, mxPatterns: [] }

function mxStep(world: PlanWorld, wanted: readonly DomainName[]): StepRule {
  const { domain, mx } = world.facts.snapshot
  const live = liveMx(world)
  const named = wanted.filter((name) => live?.includes(name))
  const isRefusing = (policy: AppliedPolicy) => policy.mode === 'enforce' && !covers(policy, wanted)
  const published = mx.outcome === 'seen' ? mx.value.records : []
  return {
    id: 'mx',
    title: `Change the MX records to ${wanted.join(', ')}`,
    lines: [
      ...wanted.map((name, index) => code(`${domain}. MX ${10 * (index + 1)} ${name}.`)),
      text('The old hosts go on taking mail until the last step.'),
    ],
    doneWhen: 'the MX record names the new hosts and no other',
    done:
      live === null ? { is: 'unknown', because: 'the MX record could not be seen' } : mxDone(live, wanted),
    blocks: [],
    waits: (after) => heldWaits(world, isRefusing, after),
    isBegun: named.some((name) => isRefused(world, name)),
    ifEarly: {
      needs: ['new-hosts', 'tlsa', 'cover', 'cover-id'],
      hurt: `Senders that hold a policy in mode enforce without ${wanted.join(', ')} do not deliver there; they keep the mail in their queue.`,
      remedy: [
        text(
          'Put the old MX records back until then; the old hosts are covered by every policy that is held:',
        ),
        ...oldRecords(world, wanted, published, domain),
      ],
    },
  }
}

/** Does a policy that somebody saw being served, in mode enforce, refuse this host? */
function isRefused({ facts, versions, now }: PlanWorld, host: string): boolean {
  const policies: readonly AppliedPolicy[] = [
    ...(facts.served?.policy == null ? [] : [facts.served.policy]),
    ...versions.filter(({ horizonAt }) => horizonAt > now),
  ]
  return policies.some((policy) => policy.mode === 'enforce' && !covers(policy, [host]))
}

/** The records that stood there before, as far as they are remembered; else the ones of hosts that are not wanted. */
function oldRecords(
  world: PlanWorld,
  wanted: readonly DomainName[],
  published: readonly { readonly preference: number; readonly exchange: string }[],
  domain: DomainName,
): readonly ReturnType<typeof code>[] {
  const removed = world.changes.findLast(({ part }) => part === 'mx')?.removed ?? []
  if (removed.length > 0) return removed.map((line) => code(`${domain}. MX ${line}`))
  const old = published.filter(({ exchange }) => !wanted.some((name) => name === exchange))
  if (old.length > 0)
    return old.map(({ preference, exchange }) => code(`${domain}. MX ${preference} ${exchange}.`))
  return [text('(the records of before, as your zone file has them)')]
}

function mxDone(live: readonly string[], wanted: readonly DomainName[]): Done {
  return doneIf(
    live.length > 0 &&
      wanted.every((name) => live.includes(name)) &&
      live.every((name) => wanted.some((one) => one === name)),
  )
}

function narrowStep(world: PlanWorld, wanted: readonly DomainName[], policy: StsPolicy | null): StepRule {
  const { domain } = world.facts.snapshot
  const kept = (policy?.mxPatterns ?? []).filter((pattern) =>
    wanted.some((name) => matchesMxPattern(pattern, name)),
  )
  const isDone = policy !== null && isNarrow(policy, wanted)
  const isHurting =
    policy?.mode === 'enforce' && oldHosts(world, wanted).some((name) => !covers(policy, [name]))
  return {
    id: 'narrow',
    title: 'Serve a policy that covers the new hosts alone',
    lines: fileLines(domain, { ...(policy ?? UNKNOWN_POLICY), mxPatterns: withHosts(kept, wanted) }),
    doneWhen: 'no line of the policy matches none of the new hosts',
    done: policyDone(world, policy, (one) => isNarrow(one, wanted)),
    blocks: [],
    waits: (after) => (isDone && !isHurting ? [] : oldMxWaits(world, wanted, after)),
    isBegun: false,
    ifEarly: {
      needs: isHurting ? ['mx'] : [],
      hurt: 'Senders that fetch this policy and still have an old MX answer refuse the old hosts (mode enforce).',
      remedy: [
        text('Serve the policy that covers both again, then publish a new id:'),
        ...fileLines(domain, {
          ...(policy ?? UNKNOWN_POLICY),
          mxPatterns: withHosts(policy?.mxPatterns ?? [], [...oldHosts(world, wanted), ...wanted]),
        }),
        recordLine(domain, world.now),
      ],
    },
  }
}

/** Hosts that are or lately were MX, without the wanted ones. */
function oldHosts(world: PlanWorld, wanted: readonly DomainName[]): readonly string[] {
  const removed = world.changes.filter(({ part }) => part === 'mx').flatMap((change) => change.removed)
  const names = removed.map((line) => line.replace(/^\d+ /, '').replace(/\.$/, ''))
  return [...new Set([...(liveMx(world) ?? []), ...names])].filter(
    (name) => name !== '' && !wanted.some((one) => one === name),
  )
}

function retireStep(world: PlanWorld, wanted: readonly DomainName[], policy: StsPolicy | null): StepRule {
  const old = oldHosts(world, wanted)
  const isNarrowed = policy === null ? hasNoPolicy(world) : isNarrow(policy, wanted)
  const isOver = isChanged(world, wanted) && isNarrowed && (policy === null || idIsNew(world).is === 'yes')
  const waits =
    old.length === 0 ? [] : oldMxWaits(world, wanted, world.now).filter(({ until }) => until > world.now)
  return {
    id: 'old-hosts',
    title: old.length === 0 ? 'Switch off the old hosts' : `Switch off ${old.join(', ')}`,
    lines: [text('Until then they must take mail, with the certificates that they have.')],
    doneWhen: 'its time has come; whether they still run is not looked at',
    done: doneIf(isOver && waits.length === 0),
    blocks: [],
    // While the policy is still to be narrowed, that step has waited for the same.
    waits: (after) => (isNarrowed ? oldMxWaits(world, wanted, after) : NO_WAIT()),
    isBegun: false,
    ifEarly: HARMLESS,
  }
}

function isChanged(world: PlanWorld, wanted: readonly DomainName[]): boolean {
  return mxDone(liveMx(world) ?? [], wanted).is === 'yes'
}

/** From when the MX record last changed, or will have at `after`: its TTL in the caches, and then what lies in queues. */
function oldMxWaits(world: PlanWorld, wanted: readonly DomainName[], after: UnixMs): readonly PlanWait[] {
  const changedAt = isChanged(world, wanted) ? (lastChange(world, 'mx') ?? world.knownSince) : after
  const ttlSeconds = ttlOf(world.facts.snapshot.mx)
  const until = changedAt + ttlSeconds * SECOND_MS
  return [
    { kind: 'old-answer', of: 'mx', until, ttlSeconds },
    { kind: 'queues', until: until + QUEUE_MS },
  ]
}

function policyDone(
  world: PlanWorld,
  policy: StsPolicy | null,
  isDone: (policy: StsPolicy) => boolean,
): Done {
  const unknown = policyUnknown(world)
  if (policy === null) return unknown === null ? NO : { is: 'unknown', because: unknown }
  return doneIf(isDone(policy))
}

function isCovered(policy: StsPolicy, hosts: readonly string[]): boolean {
  return policy.mode === 'none' || covers(policy, hosts)
}

function covers({ mxPatterns }: Pick<StsPolicy, 'mxPatterns'>, hosts: readonly string[]): boolean {
  return hosts.every((host) => coversMx(mxPatterns, host))
}

function isNarrow({ mode, mxPatterns }: StsPolicy, wanted: readonly DomainName[]): boolean {
  return (
    mode === 'none' || mxPatterns.every((pattern) => wanted.some((name) => matchesMxPattern(pattern, name)))
  )
}
