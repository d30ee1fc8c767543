import type { StagedRollover } from '../../../src/check/facts.ts'
import { judgeLook } from '../../../src/check/judge.ts'
import type { RolloverFacts } from '../../../src/check/rollover.ts'
import { HOUR_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { Finding } from '../../../src/model/finding.ts'
import { type HostHistory, NO_HISTORY, type Run, type SeenTlsa } from '../../../src/model/rollover.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { StagedKey } from '../../../src/model/staged-key.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import {
  context,
  established,
  failed,
  healthy,
  MX1,
  MX2,
  mxHost,
  NOW,
  seen,
  sessionAt,
  tls,
  watched,
} from './snapshot-builder.ts'

/** Changes of keys for tests: mx1 with two addresses, TLSA records with a TTL of an hour. */

export const OLD = 'a'.repeat(64)
export const NEW = 'b'.repeat(64)
export const OLD_RECORD = `3 1 1 ${OLD}`
export const NEW_RECORD = `3 1 1 ${NEW}`
export const TTL_MS = HOUR_MS

export const STAGED: StagedKey = {
  host: MX1 as DomainName,
  source: 'certs/next.pem',
  form: 'hash',
  key: { exact: null, sha256: NEW, sha512: null },
  chain: [],
}

export function tlsaAnswer(
  records: readonly string[],
  security: 'secure' | 'insecure' = 'secure',
): MxHost['tlsa'] {
  return seen({ records, ttlSeconds: 3_600, security, cnames: [], signatures: null })
}

/** mx1 with an address a key; null: the address cannot be looked at. */
export function presenting(records: readonly string[], ...keys: readonly (string | null)[]): MxHost {
  return mxHost(MX1, [], {
    tlsa: tlsaAnswer(records),
    tlsaBase: MX1 as DomainName,
    sessions: keys.map((key, index) => {
      const address = `192.0.2.${index + 25}`
      const facts = tls(MX1, { spkiSha256: key ?? OLD })
      return key === null
        ? { ...sessionAt(address, established(facts)), smtp: failed('connect-timeout') }
        : sessionAt(address, established(facts))
    }),
  })
}

export function seenSets(...sets: readonly (readonly [hoursAgo: number, records: readonly string[]])[]) {
  return sets.map(([hoursAgo, records]): Run<SeenTlsa> => {
    const ttlSeconds = records.length === 0 ? null : 3_600
    return { firstAt: NOW - hoursAgo * HOUR_MS, value: { records, ttlSeconds } }
  })
}

/** The keys of both addresses, each since so many hours ago. */
export function seenKeys(
  ...keys: readonly (readonly [hoursAgo: number, key: string])[]
): HostHistory['keys'] {
  const runs = keys.map(([hoursAgo, value]) => ({ firstAt: NOW - hoursAgo * HOUR_MS, value }))
  return new Map(['192.0.2.25', '192.0.2.26'].map((address) => [address, runs]))
}

export function rolloverFacts(host: MxHost, edit: Partial<RolloverFacts> = {}): RolloverFacts {
  return { host, staged: STAGED, history: NO_HISTORY, isValidating: true, servers: [], now: NOW, ...edit }
}

/** The healthy domain with this first MX host; the second has a record of its own, in order. */
export function lookAt(host: MxHost, zones: Snapshot['zones'] = []): Snapshot {
  const key = 'd'.repeat(64)
  const second = mxHost(MX2, [], {
    tlsa: tlsaAnswer([`3 1 1 ${key}`]),
    tlsaBase: MX2 as DomainName,
    sessions: [sessionAt('198.51.100.25', established(tls(MX2, { spkiSha256: key })))],
  })
  return healthy({ hosts: [host, second], zones })
}

/** What one look finds about the change of keys. */
export function found(
  host: MxHost,
  {
    staged = STAGED,
    history,
    now = NOW,
    zones = [],
  }: Partial<StagedRollover> & { readonly now?: UnixMs; readonly zones?: Snapshot['zones'] },
): readonly Extract<Finding, { code: `dane.rollover.${string}` }>[] {
  const rollovers = new Map([[MX1, { staged, history: history ?? { tlsa: [], keys: new Map() } }]])
  const { findings } = judgeLook(lookAt(host, zones), watched(), context({ rollovers, now }))
  return findings.filter((finding) => finding.code.startsWith('dane.rollover.')) as never
}
