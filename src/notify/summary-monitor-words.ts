import { durationText, instantText } from '../announce/text-time.ts'
import { MINUTE_MS } from '../lib/time.ts'
import type { SightProtocol } from '../model/vantage.ts'
import type { MonitorRecord, WeeklySummary } from '../model/weekly-summary.ts'
import { nameText, openRow } from './summary-incident-words.ts'
import { countText, namesText, numberText, shareText } from './summary-numbers.ts'
import type { SummaryMeasure, SummarySection } from './summary-story.ts'

const PROTOCOLS: Readonly<Record<SightProtocol, string>> = {
  dns: 'the DNS',
  dnssec: 'DNSSEC',
  https: 'HTTPS',
  smtp: 'SMTP',
}

/** How well the monitor itself saw, and what it could not tell anybody. */
export function monitorSection(summary: WeeklySummary, measure: SummaryMeasure): SummarySection {
  const { monitor } = summary
  const rows = monitor.openTrouble.first
    .slice(0, measure.rows)
    .map((group) => openRow(group, summary, measure))
  return {
    label: 'The monitor itself',
    pieces: [
      ...(rows.length === 0 ? [] : [{ kind: 'rows', rows } as const]),
      {
        kind: 'quiet',
        lines: [
          sightText(monitor),
          runText(summary),
          looksText(monitor),
          deliveryText(monitor),
          ...ownReportLines(monitor),
          ...canaryLines(monitor),
          ...(monitor.endedTrouble === 0
            ? []
            : [
                `${countText(monitor.endedTrouble, 'incident')} of its own ${monitor.endedTrouble === 1 ? 'was' : 'were'} resolved.`,
              ]),
        ],
      },
    ],
  }
}

/** "Blind: SMTP for 12 minutes." */
export function sightText({ blind }: MonitorRecord): string {
  if (blind.length === 0) return 'It was never blind.'
  return `It was blind: ${blind.map(({ protocol, minutes }) => `${PROTOCOLS[protocol]} for ${durationText(minutes * MINUTE_MS)}`).join(', ')}.`
}

function runText({ monitor, timezone }: WeeklySummary): string {
  const { down, downMinutes } = monitor
  if (down.total === 0) return 'It ran without a break, as far as it knows.'
  const times = down.first.map(
    ({ fromAt, untilAt }) => `${instantText(fromAt, timezone)} to ${instantText(untilAt, timezone)}`,
  )
  return `It did not run for ${durationText(downMinutes * MINUTE_MS)}: ${namesText(times, down.total)}.`
}

function looksText({ looks, undecidedLooks, leastKnown }: MonitorRecord): string {
  if (looks === 0) return 'It looked at no domain.'
  const worst = leastKnown.first.map(
    ({ domain, looks: of, undecided }) =>
      `${nameText(domain)} (${numberText(undecided)} of ${numberText(of)})`,
  )
  const where = worst.length === 0 ? '' : `: most of all ${namesText(worst, leastKnown.total)}`
  return `${countText(looks, 'look')}; ${undecidedLooks === 0 ? 'each told all it was made for' : `${numberText(undecidedLooks)} (${shareText(undecidedLooks, looks)}) left something open${where}`}.`
}

export function deliveryText({ undelivered }: MonitorRecord): string {
  const { givenUp, waiting } = undelivered
  if (givenUp + waiting === 0) return 'Every message was delivered.'
  return `Messages: ${numberText(givenUp)} could not be delivered by their channel, ${numberText(waiting)} ${waiting === 1 ? 'is' : 'are'} still being tried.`
}

/** None where none were made: not everybody sends any. */
function ownReportLines({ ownReports }: MonitorRecord): readonly string[] {
  const { sent, waiting, givenUp, leftOut } = ownReports
  const all = sent + waiting + givenUp + leftOut
  if (all === 0) return []
  if (sent === all) return [`Every TLS report of its own was taken (${numberText(all)}).`]
  const others = [
    [waiting, 'on their way'],
    [givenUp, 'refused or given up'],
    [leftOut, 'not sent, because too many go there or it refused too often'],
  ] as const
  const told = others.flatMap(([count, what]) => (count === 0 ? [] : [`${numberText(count)} ${what}`]))
  return [`Of ${countText(all, 'TLS report')} of its own ${numberText(sent)} were taken; ${told.join(', ')}.`]
}

/** None where none were sent: not everybody wants to know. */
function canaryLines({ canaries: { sent, arrived } }: MonitorRecord): readonly string[] {
  if (sent === 0) return []
  if (sent === arrived) return [`Every TLS report to itself arrived (${numberText(sent)}).`]
  return [`Of ${countText(sent, 'TLS report')} to itself ${numberText(arrived)} arrived.`]
}
