import type { RemedyLine } from '../model/description.ts'
import {
  ENOUGH_DAYS,
  ENOUGH_REPORTERS,
  ENOUGH_SESSIONS,
  type Mended,
  type Readiness,
  type ReadinessFailure,
} from '../model/readiness.ts'
import { formatStsPolicy } from '../protocol/mta-sts/policy.ts'
import { describe } from './describe.ts'
import { reportDay, typeText } from './reported-words.ts'
import {
  code,
  type DescribeContext,
  hostName,
  nameList,
  newId,
  plural,
  policyUrl,
  safe,
  stsRecordLine,
  text,
} from './words.ts'

/** Readiness for people: plain text, untrusted parts made safe. */
export interface ReadinessText {
  readonly title: string
  /** What it rests on, one sentence a line. */
  readonly basis: readonly string[]
  /** The failures, under `READINESS_COLUMNS`; empty when there were none. */
  readonly rows: readonly (readonly string[])[]
  readonly next: readonly RemedyLine[]
}

export const READINESS_COLUMNS = [
  'host',
  'failure',
  'sessions',
  'reported by',
  'last',
  'cause',
  'in mode enforce',
]

const MENDED: Readonly<Record<Mended, string>> = {
  mended: 'mended',
  lasting: 'still there, we see it too',
  'not-reproduced': 'not seen by us, no later report',
  unknown: 'unknown',
}
const REFUSED: Readonly<Record<ReadinessFailure['refused'], string>> = {
  'by-enforce': 'refused',
  already: 'refused already (DANE)',
  no: 'delivered',
}

export function describeReadiness(readiness: Readiness, context: DescribeContext): ReadinessText {
  return {
    title: safe(title(readiness)),
    basis: basis(readiness).map(safe),
    rows: readiness.failures.map((failure) => row(failure).map(safe)),
    next: next(readiness, context),
  }
}

function title({ domain, verdict, refusedPerDay }: Readiness): string {
  const name = hostName(domain)
  switch (verdict) {
    case 'ready':
      return `${name} is ready for mode enforce`
    case 'not-ready':
      return `${name} is not ready for mode enforce`
    case 'too-little-data':
      return `Too little is known of ${name} to recommend mode enforce`
    case 'already-enforced':
      return `${name} is in mode enforce, which refuses ${perDay(refusedPerDay)}`
  }
}

function basis(readiness: Readiness): readonly string[] {
  const { sinceDayAt, daysWithReports, reporters, sessions, mode, refusedPerDay, failures } = readiness
  const since = `Since ${reportDay(sinceDayAt)}: reports on ${plural(daysWithReports, 'day')}`
  const from = reporters.length === 0 ? '' : ` from ${nameList(reporters, 5)}`
  const cost = `Mode enforce ${mode === 'enforce' ? 'refuses' : 'would refuse'} ${perDay(refusedPerDay)}.`
  const unproven = failures.filter(({ isUnproven }) => isUnproven).length
  return [
    `${since}${from}, ${plural(sessions, 'session')}.`,
    cost,
    ...hostLines(readiness),
    ...(unproven === 0
      ? []
      : ['Rows marked "new reporter" are not counted: nobody knows these senders yet.']),
  ]
}

/** Successful sessions are reported without a host, so that a host never named is no bad sign. */
function hostLines({ mxNamed, mxNeverNamed }: Readiness): readonly string[] {
  return [
    ...(mxNamed.length === 0 ? [] : [`Named in reports (a failure, or DANE): ${nameList(mxNamed)}.`]),
    ...(mxNeverNamed.length === 0
      ? []
      : [`Never named, so without a reported failure: ${nameList(mxNeverNamed)}.`]),
  ]
}

function row(failure: ReadinessFailure): readonly string[] {
  const { mx, resultType, sessions, reporters, isUnproven, lastDayAt, mended, refused } = failure
  return [
    mx === null ? 'not named' : hostName(mx),
    typeText(resultType),
    String(sessions),
    `${nameList(reporters, 2)}${isUnproven ? ' (new reporter)' : ''}`,
    reportDay(lastDayAt),
    MENDED[mended],
    REFUSED[refused],
  ]
}

function next(readiness: Readiness, context: DescribeContext): readonly RemedyLine[] {
  switch (readiness.verdict) {
    case 'ready':
      return switchOver(readiness, context)
    case 'not-ready':
      return firstThings(readiness, context)
    case 'too-little-data':
      return waiting(readiness)
    case 'already-enforced':
      return enforced(readiness, context)
  }
}

function switchOver({ domain, policy }: Readiness, context: DescribeContext): readonly RemedyLine[] {
  if (policy === null) return []
  const lines = formatStsPolicy({ ...policy, mode: 'enforce' }).split('\r\n')
  return [
    text(`Serve this at ${policyUrl(domain)}:`),
    ...lines.filter((line) => line !== '').map(code),
    text('Then publish a new id, so that senders fetch it:'),
    stsRecordLine(domain, newId(context.now)),
  ]
}

function firstThings(readiness: Readiness, context: DescribeContext): readonly RemedyLine[] {
  const { mode, blockers, failures } = readiness
  const isLasting = failures.some((one) => one.refused === 'by-enforce' && one.mended !== 'mended')
  return [
    ...(mode === null || mode === 'none'
      ? [text('No policy is in force: begin with mode testing, and ask again after a week of reports.')]
      : []),
    ...blockers.flatMap((finding) => {
      const { title: problem, remedy } = describe(finding, context)
      return [text(`${problem}.`), ...remedy]
    }),
    ...(isLasting
      ? [
          text(
            'Find the cause of the failures above that are not mended, then wait for two days of reports without them.',
          ),
        ]
      : []),
  ]
}

function waiting({ daysWithReports, reporters, sessions, untold }: Readiness): readonly RemedyLine[] {
  const has = `There are ${plural(daysWithReports, 'day')}, ${plural(reporters.length, 'reporter')} and ${plural(sessions, 'session')}.`
  return [
    text(
      `It takes ${ENOUGH_DAYS} days with reports, and ${ENOUGH_REPORTERS} reporters or ${ENOUGH_SESSIONS} sessions. ${has} Stay in mode testing and ask again later.`,
    ),
    ...(untold.length === 0 ? [] : [text(`This look could not tell: ${untold.join(', ')}. Look again.`)]),
  ]
}

function enforced(readiness: Readiness, context: DescribeContext): readonly RemedyLine[] {
  const things = firstThings(readiness, context)
  return things.length === 0 ? [text('Nothing is to be done.')] : things
}

function perDay(sessions: number): string {
  if (sessions === 0) return 'no session'
  if (sessions < 1) return 'less than one session a day'
  return `${sessions < 10 ? Math.round(sessions * 10) / 10 : Math.round(sessions)} sessions a day`
}
