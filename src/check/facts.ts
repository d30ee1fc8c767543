import type { WatchedDomain } from '../config/watch-config.ts'
import type { UnixMs } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { PolicyVersion } from '../model/policy-version.ts'
import type { ReportWindow } from '../model/report-window.ts'
import type { HostHistory } from '../model/rollover.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { StagedKey } from '../model/staged-key.ts'
import type { Vantage } from '../model/vantage.ts'
import { parseStsRecord, type StsRecord } from '../protocol/mta-sts/record.ts'
import type { Problem } from '../protocol/problem.ts'
import { faultOf } from './fault-class.ts'
import { stillHeld } from './ledger.ts'
import { type Reported, sortReported } from './reported-days.ts'
import { type ServedPolicy, servedPolicy } from './served-policy.ts'
import type { PolicyMode } from './severity.ts'
import { moot } from './verdict.ts'

export interface JudgeContext {
  /** The newest answers before this look, each with its own instant; null at the first look. */
  readonly before: Snapshot | null
  /** The cache-horizon ledger of the domain, newest first. */
  readonly versions: readonly PolicyVersion[]
  readonly vantage: Vantage
  /** What TLS reports say about the domain; NO_REPORTS where none are read. */
  readonly reports: ReportWindow
  /** When MX hosts were last seen joining the MX record, as far as it matters to a policy that is held; else empty. */
  readonly mxJoined: ReadonlyMap<string, UnixMs>
  /** MX hosts whose key is about to change, by name, with what earlier looks saw of them. */
  readonly rollovers: ReadonlyMap<string, StagedRollover>
  readonly now: UnixMs
}

export interface StagedRollover {
  readonly staged: StagedKey
  readonly history: HostHistory
}

/** What several checks need to know, worked out once. */
export interface Facts extends JudgeContext {
  readonly snapshot: Snapshot
  readonly domain: WatchedDomain
  readonly record: RecordReading
  /** Null: no address was asked. */
  readonly served: ServedPolicy | null
  readonly reported: Reported
  /** Ledger lines that senders may still hold. */
  readonly held: readonly PolicyVersion[]
  /** Has anybody reason to ask for a policy? A fault: we do not know. */
  readonly published: boolean | Fault
  /** Does the domain take mail, that is, has it no null MX (RFC 7505)? A fault: we do not know. */
  readonly takesMail: boolean | Fault
  /** What senders apply to the MX hosts today. */
  readonly modeInForce: PolicyMode | null
  /** What the operator means to have, as far as it can be known while something is broken. */
  readonly modeMeant: PolicyMode | null
}

export type RecordReading =
  | { readonly state: 'valid'; readonly value: StsRecord; readonly problems: readonly Problem[] }
  | { readonly state: 'missing' }
  | { readonly state: 'multiple' | 'invalid'; readonly problems: readonly Problem[] }
  | { readonly state: 'undecided'; readonly because: Fault }

export function gatherFacts(snapshot: Snapshot, domain: WatchedDomain, context: JudgeContext): Facts {
  const record = readRecord(snapshot)
  const served = servedPolicy(snapshot.policyHost, context.vantage.https)
  const held = stillHeld(context.versions, context.now)
  const servedMode = served?.policy?.mode ?? null
  const heldMode = held[0]?.mode ?? null
  const expected = domain.expect === 'any' ? null : domain.expect
  // Without a record nobody finds the policy; whoever holds an older one goes on with that (RFC 8461 §3.1, §5.1).
  const isFound = record.state === 'valid' || record.state === 'undecided'
  return {
    ...context,
    snapshot,
    domain,
    record,
    served,
    reported: sortReported(context.reports, context.now),
    held,
    published: isPublished(record, held),
    takesMail: takesMail(snapshot),
    modeInForce: isFound ? (servedMode ?? heldMode) : heldMode,
    modeMeant: servedMode ?? heldMode ?? expected,
  }
}

export function readRecord(snapshot: Snapshot): RecordReading {
  const { stsRecord } = snapshot
  if (stsRecord.outcome === 'absent') return { state: 'missing' }
  if (stsRecord.outcome !== 'seen') {
    return { state: 'undecided', because: faultOf(stsRecord) ?? moot('the record was not looked at') }
  }
  const { records } = stsRecord.value
  const { value, problems } = parseStsRecord(records)
  if (value !== null) return { state: 'valid', value, problems }
  if (problems.some((problem) => problem.code === 'multiple-records')) return { state: 'multiple', problems }
  // A wildcard TXT (SPF, site verification) answers for every name below it: that is no attempt at MTA-STS.
  const attempted = records.some((text) => /^["\s]*v\s*=\s*sts/i.test(text))
  return attempted ? { state: 'invalid', problems } : { state: 'missing' }
}

function isPublished(record: RecordReading, held: readonly PolicyVersion[]): boolean | Fault {
  if (held.length > 0) return true
  if (record.state === 'undecided') return record.because
  return record.state !== 'missing'
}

function takesMail(snapshot: Snapshot): boolean | Fault {
  const { mx } = snapshot
  if (mx.outcome === 'seen') return !mx.value.records.every((record) => record.exchange === '.')
  return faultOf(mx) ?? true
}
