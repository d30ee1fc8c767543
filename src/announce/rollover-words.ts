import { display } from '../lib/display.ts'
import type { Rollover } from '../model/rollover.ts'
import { type DescribeContext, instant, moment, nameList, plural } from './words.ts'

/** How far a change of keys has come and what may be done next, in one line. */
export function rolloverLine(
  { state, staged, record, presentNew, presentOld }: Rollover,
  context: DescribeContext,
): string {
  const key = `next key ${display(staged.source, 80)}`
  switch (state.name) {
    case 'unknown':
      return `${key}: could not be looked at: ${display(state.because.detail, 120)}`
    case 'not-under-dane':
      return `${key}: no TLSA record of the host is secure by DNSSEC, so that nothing must be published first`
    case 'missing':
      return `${key}: missing; publish ${record}`
    case 'published-at-some':
      return `${key}: published at ${state.of - state.lacking.length} of ${plural(state.of, 'server')}, missing at ${nameList(state.lacking)}; publish ${record}`
    case 'spreading': {
      const { since, safeAt, ttlSeconds } = state
      const seen = `${since.isExact ? 'seen' : 'at the latest'} since ${moment(since.at, context)}`
      return `${key}: published everywhere, ${seen}; safe to install after ${moment(safeAt, context)}${since.isExact ? '' : ' at the latest'} (2 × TTL ${ttlSeconds} s)`
    }
    case 'safe-to-install':
      return `${key}: safe to install now (since ${instant(state.safeAt, context)})`
    case 'installing':
      return `${key}: presented at ${presentNew.length} of ${addressCount(presentNew.length + presentOld.length)}${presentOld.length > 0 ? `; install it at ${presentOld.join(', ')} too` : ''}`
    case 'installed':
      return `${key}: installed everywhere; the old record may go after ${moment(state.oldMayGoAt, context)}`
    case 'old-may-go':
      return `${key}: installed everywhere; remove the old record now: ${state.oldRecords.map((one) => display(one)).join(', ')}`
    case 'done':
      return `${key}: done; take the host out of \`hosts:\``
  }
}

function addressCount(count: number): string {
  return count === 1 ? '1 address' : `${count} addresses`
}
