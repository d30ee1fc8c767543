import { chainAt, presented, tlsaLine } from '../check/rollover.ts'
import { recordsOfOthers, vouchForStaged } from '../check/staged-match.ts'
import { SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { RemedyLine } from '../model/description.ts'
import type { PlanBlock, PlanWait } from '../model/plan.ts'
import type { Rollover, RolloverState } from '../model/rollover.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { StagedKey } from '../model/staged-key.ts'
import { ttlOf } from './past.ts'
import type { PlanWorld } from './plan-world.ts'
import { code, text } from './step-parts.ts'
import { type Done, doneIf, HARMLESS, NO, NO_WAIT, type StepRule } from './step-rule.ts'

/** What the steps are laid down from. */
interface Roll {
  readonly name: string
  readonly staged: StagedKey
  /** Null: the domain has no such MX host, or none could be seen. */
  readonly host: MxHost | null
  /** Null where `host` is. */
  readonly rollover: Rollover | null
  readonly records: readonly string[]
  readonly old: readonly string[]
}

/** The record of the next key beside the old one, then the key, and only then the old record goes (RFC 7671 §8.1). */
export function planRollTlsa(world: PlanWorld, staged: StagedKey): readonly StepRule[] {
  const name = staged.host
  const host = world.facts.snapshot.hosts.find((one) => one.name === name) ?? null
  const records = host?.tlsa.outcome === 'seen' ? host.tlsa.value.records : []
  const old = recordsOfOthers(records, staged)
  const roll: Roll = { name, staged, host, rollover: world.rollover, records, old }
  return [publishStep(roll), installStep(roll), removeStep(roll, world.now)]
}

function publishStep(roll: Roll): StepRule {
  const { rollover, old } = roll
  const state = stateOf(roll)
  const lacking = state?.name === 'published-at-some' ? state.lacking : []
  return {
    id: 'publish',
    title: 'Publish a record of the next key beside the old one',
    lines: [
      ...old.map((record) => code(`${ownerOf(roll)} IN TLSA ${record}`)),
      ...(rollover === null ? [] : [code(rollover.record)]),
      ...(lacking.length === 0 ? [] : [text(`These servers do not have it yet: ${lacking.join(', ')}.`)]),
    ],
    doneWhen: 'every server of the zone that was asked has the record',
    done: publishedDone(roll),
    blocks: publishBlocks(roll),
    waits: NO_WAIT,
    isBegun: false,
    ifEarly: HARMLESS,
  }
}

function stateOf({ rollover }: Roll): RolloverState | null {
  return rollover?.state ?? null
}

function publishedDone({ host, rollover }: Roll): Done {
  if (host === null || rollover === null) return NO
  const { state } = rollover
  if (state.name === 'unknown') return { is: 'unknown', because: state.because.detail }
  return doneIf(!UNPUBLISHED.has(state.name))
}

const UNPUBLISHED: ReadonlySet<RolloverState['name']> = new Set([
  'not-under-dane',
  'missing',
  'published-at-some',
])

function publishBlocks(roll: Roll): readonly PlanBlock[] {
  const { host, name } = roll
  if (host === null) return [{ code: null, subject: null, detail: `${name} is no MX host of the domain` }]
  if (stateOf(roll)?.name !== 'not-under-dane') return []
  const detail = `no TLSA record of ${name} is secure by DNSSEC: nothing has to be published first, and the key may be changed at any time`
  return [{ code: null, subject: null, detail }]
}

function installStep(roll: Roll): StepRule {
  const { name, rollover } = roll
  return {
    id: 'install',
    title: `Install the next key at every address of ${name}`,
    lines: [text('Reload the mail server, and see with `stswatch check` that port 25 shows it.')],
    doneWhen: 'every address of the host shows the next key',
    done: installedDone(roll),
    blocks: [],
    waits: (after) => spreadingWaits(roll, after),
    isBegun: (rollover?.presentNew.length ?? 0) > 0,
    ifEarly: {
      needs: ['publish'],
      hurt: `Senders that use DANE and do not have the record of the next key yet refuse ${name}.`,
      remedy: [text('Put the old key and certificate back until then, and reload the mail server.')],
    },
  }
}

function installedDone({ host, staged, rollover }: Roll): Done {
  if (host === null || rollover === null) return NO
  const { presentNew, presentOld } = presented(host, staged)
  if (presentNew.length === 0 || presentOld.length > 0) return NO
  const { name } = rollover.state
  if (name === 'installing') {
    return { is: 'unknown', because: `not every address of ${host.name} showed its certificate` }
  }
  return doneIf(true)
}

/** What was there at the first look may have been there for years: then nobody is blamed. */
function spreadingWaits(roll: Roll, after: UnixMs): readonly PlanWait[] {
  const state = stateOf(roll)
  if (state?.name === 'spreading') {
    const isBlamed = state.since.isExact || (roll.rollover?.presentNew.length ?? 0) === 0
    if (!isBlamed) return []
    return [{ kind: 'old-answer', of: 'tlsa', until: state.safeAt, ttlSeconds: state.ttlSeconds }]
  }
  if (state === null || !UNPUBLISHED.has(state.name)) return []
  return [tlsaWait(roll, after)]
}

/** Until the rollover itself tells: twice the TTL that is seen, from when the step before is done. */
function tlsaWait({ host }: Roll, after: UnixMs): PlanWait {
  const ttlSeconds = host === null ? 0 : ttlOf(host.tlsa)
  return { kind: 'old-answer', of: 'tlsa', until: after + 2 * ttlSeconds * SECOND_MS, ttlSeconds }
}

function removeStep(roll: Roll, now: UnixMs): StepRule {
  const { name, old, records, staged, host } = roll
  const isAlone = vouchForStaged(records, staged) && old.length === 0
  return {
    id: 'remove-old',
    title: 'Take the old record away',
    lines: old.map((record) => code(`${ownerOf(roll)} IN TLSA ${record}`)),
    doneWhen: 'the TLSA records vouch for the next key alone',
    done: host === null ? NO : doneIf(isAlone),
    blocks: [],
    waits: (after) => removeWaits(roll, isAlone, after, now),
    isBegun: false,
    ifEarly: {
      needs: ['install'],
      hurt: `Senders that use DANE find no record of the key that ${name} shows, and refuse it.`,
      remedy: [text('Put the record of the key in use back:'), ...keysInUse(roll)],
    },
  }
}

function removeWaits(roll: Roll, isAlone: boolean, after: UnixMs, now: UnixMs): readonly PlanWait[] {
  if (isAlone) return []
  const state = stateOf(roll)
  if (state?.name === 'old-may-go') return []
  if (state?.name !== 'installed') return after === now && state === null ? [] : [tlsaWait(roll, after)]
  const ttlSeconds = (state.oldMayGoAt - state.since) / (2 * SECOND_MS)
  return [{ kind: 'old-answer', of: 'tlsa', until: state.oldMayGoAt, ttlSeconds }]
}

/** Lines for the keys that an address shows and that are not the next one. */
function keysInUse({ host, staged }: Roll): readonly RemedyLine[] {
  if (host === null) return []
  const shown = host.sessions.flatMap((session) => chainAt(session)?.[0]?.spkiSha256 ?? [])
  const others = [...new Set(shown)].filter((key) => key !== staged.key.sha256)
  return others.map((key) => code(tlsaLine(host, key)))
}

/** RFC 7672 §2.2.2: the records stand at the end of the host's aliases. */
function ownerOf({ name, host }: Roll): string {
  return `_25._tcp.${host?.tlsaBase ?? name}.`
}
