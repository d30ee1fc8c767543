import { DAY_MS, type UnixMs } from '../lib/time.ts'
import type { Change } from '../model/change.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { appearance, hasSameRecords, installedSince, type RolloverFacts, rolloverOf } from './rollover.ts'

/** A state that was reached longer ago is no news any more. */
export const NEWS_MS = 7 * DAY_MS

/** A step of a change of keys that may be taken now, and since when that holds. */
interface News {
  readonly reachedAt: UnixMs
  readonly summary: string
}

/**
 * The next step of each change of keys that has just become safe, as changes worth a message. `told`: the changes that
 * were remembered in the last week and a bit; what stands among them is not told again.
 */
export function rolloverNews(
  domain: DomainName,
  all: readonly RolloverFacts[],
  told: readonly Change[],
): readonly Change[] {
  return all.flatMap((facts) => {
    const news = newsOf(facts)
    if (news === null || facts.now - news.reachedAt > NEWS_MS) return []
    const isTold = told.some(
      ({ subject, summary }) => subject === facts.host.name && summary === news.summary,
    )
    if (isTold) return []
    const change: Change = {
      domain,
      at: facts.now,
      part: 'tlsa',
      subject: facts.host.name,
      summary: news.summary,
      removed: [],
      added: [],
      notable: true,
      settles: null,
    }
    return [change]
  })
}

/** Null: nothing to be told; or it began before we looked, so that nobody waits for it. */
function newsOf(facts: RolloverFacts): News | null {
  const { state, staged } = rolloverOf(facts)
  const host = facts.host.name
  const key = `${staged.key.sha256.slice(0, 16)}…`
  switch (state.name) {
    case 'safe-to-install':
      return appearance(facts).since.isExact
        ? {
            reachedAt: state.safeAt,
            summary: `TLSA rollover of ${host}: the new key (${key}) may be installed now`,
          }
        : null
    case 'old-may-go':
      return installedSince(facts).isExact
        ? {
            reachedAt: state.oldMayGoAt,
            summary: `TLSA rollover of ${host}: the TLSA record of the old key may be removed now; the new one (${key}) is presented everywhere`,
          }
        : null
    case 'done': {
      const { at, isExact } = installedSince(facts)
      const last = facts.history.tlsa.at(-1)
      const isOlder = last !== undefined && hasSameRecords(facts.host, last.value.records)
      const removedAt = isOlder ? last.firstAt : facts.now
      return isExact
        ? {
            reachedAt: Math.max(at, removedAt),
            summary: `TLSA rollover of ${host}: done; take the host out of \`hosts:\` in watch.yaml (key ${key})`,
          }
        : null
    }
    default:
      return null
  }
}
