import { reachedOf } from '../check/mx-session.ts'
import { SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { PlanWait } from '../model/plan.ts'
import type { MxHost } from '../model/snapshot.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { lastChange, ttlOf } from './past.ts'
import type { PlanWorld } from './plan-world.ts'
import { code, text } from './step-parts.ts'
import { type Done, doneIf, HARMLESS, NO, NO_WAIT, type StepRule } from './step-rule.ts'

/** What the coming certificate is known by; `certificateSha256` null: the key alone is known yet. */
export interface NextKey {
  readonly spkiSha256: string
  readonly certificateSha256: string | null
}

/** Next key first in the DNS, then at the servers, and only then the old one out of the DNS (RFC 7671 §8.4). */
export function planRollTlsa(world: PlanWorld, name: string, next: NextKey): readonly StepRule[] {
  const host = world.facts.snapshot.hosts.find((one) => one.name === name)
  const records = host?.tlsa.outcome === 'seen' ? host.tlsa.value.records : []
  const owner = `_25._tcp.${name}`
  const coming = `3 1 1 ${next.spkiSha256}`
  const isThere = records.some((record) => matchesNext(record, next))
  const old = records.filter((record) => !matchesNext(record, next))
  const installed = host === undefined ? NO : installedEverywhere(world, host, next)
  return [
    {
      id: 'publish',
      title: 'Publish a record for the next key beside the old one',
      lines: [...old.map((record) => code(`${owner}. TLSA ${record}`)), code(`${owner}. TLSA ${coming}`)],
      doneWhen: 'the TLSA records name the next key',
      done: publishedDone(host, isThere),
      blocks: [],
      waits: NO_WAIT,
      isBegun: false,
      ifEarly: HARMLESS,
    },
    {
      id: 'install',
      title: `Install the next key at every address of ${name}`,
      lines: [text('Reload the mail server, and see with `stswatch check` that port 25 shows it.')],
      doneWhen: 'every address of the host shows the next key',
      done: installed,
      blocks: [],
      waits: (after) => (isThere && old.length === 0 ? [] : tlsaWait(world, host, name, after)),
      isBegun: host !== undefined && someInstalled(world, host, next),
      ifEarly: {
        needs: ['publish'],
        hurt: `Senders that use DANE and have the TLSA records of before in a cache refuse ${name}.`,
        remedy: [text('Put the old key and certificate back until then, and reload the mail server.')],
      },
    },
    {
      id: 'remove-old',
      title: 'Take the old record away',
      lines: old.map((record) => code(`${owner}. TLSA ${record}`)),
      doneWhen: 'the TLSA records name the next key alone',
      done: host === undefined ? NO : doneIf(isThere && old.length === 0),
      blocks: [],
      waits: NO_WAIT,
      isBegun: false,
      ifEarly: {
        needs: ['install'],
        hurt: `Senders that use DANE find no record for the key that ${name} shows, and refuse it.`,
        remedy: [
          text('Put the record of the key in use back:'),
          ...(host === undefined
            ? []
            : inUse(world, host).map((leaf) => code(`${owner}. TLSA 3 1 1 ${leaf.spkiSha256}`))),
        ],
      },
    },
  ]
}

function publishedDone(host: MxHost | undefined, isThere: boolean): Done {
  if (host?.tlsa.outcome === 'failed') return { is: 'unknown', because: host.tlsa.fault.detail }
  return doneIf(isThere)
}

/** "3 1 1 <hex>" of the next key, or 3 0 1 of its certificate. */
function matchesNext(record: string, { spkiSha256, certificateSha256 }: NextKey): boolean {
  const [usage, selector, matching, hex = ''] = record.split(' ')
  if (usage !== '3' || matching !== '1') return false
  const wanted = selector === '1' ? spkiSha256 : certificateSha256
  return wanted !== null && hex.toLowerCase() === wanted
}

function leaves(world: PlanWorld, host: MxHost): readonly CertificateFacts[] {
  return reachedOf(host, world.facts.vantage.smtp).flatMap(({ step }) => {
    const leaf = step.at === 'established' ? step.tls.chain[0] : undefined
    return leaf === undefined ? [] : [leaf]
  })
}

function inUse(world: PlanWorld, host: MxHost): readonly CertificateFacts[] {
  const byKey = new Map(leaves(world, host).map((leaf) => [leaf.spkiSha256, leaf]))
  return [...byKey.values()]
}

function someInstalled(world: PlanWorld, host: MxHost, { spkiSha256 }: NextKey): boolean {
  return leaves(world, host).some((leaf) => leaf.spkiSha256 === spkiSha256)
}

function installedEverywhere(world: PlanWorld, host: MxHost, { spkiSha256 }: NextKey): Done {
  const shown = leaves(world, host)
  if (shown.some((leaf) => leaf.spkiSha256 !== spkiSha256)) return NO
  if (shown.length < host.sessions.length || shown.length === 0) {
    return { is: 'unknown', because: `not every address of ${host.name} showed its certificate` }
  }
  return doneIf(true)
}

/** Twice the TTL after the last change: once for the caches, once for a server that was behind (RFC 7671 §8.1). */
function tlsaWait(
  world: PlanWorld,
  host: MxHost | undefined,
  name: string,
  after: UnixMs,
): readonly PlanWait[] {
  const ttlSeconds =
    host === undefined ? ttlOf({ outcome: 'skipped', because: 'no such host' }) : ttlOf(host.tlsa)
  const changed = lastChange(world, 'tlsa', ({ subject, added }) => subject === name && added.length > 0)
  const since = after > world.now ? after : (changed ?? world.knownSince)
  return [{ kind: 'old-answer', of: 'tlsa', until: since + 2 * ttlSeconds * SECOND_MS, ttlSeconds }]
}
