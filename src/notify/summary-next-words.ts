import { riskOf, riskPhrase } from '../announce/risk-words.ts'
import { dayText, durationText } from '../announce/text-time.ts'
import { display } from '../lib/display.ts'
import { DAY_MS } from '../lib/time.ts'
import type { CertificateEnd, DueItem, WeeklySummary } from '../model/weekly-summary.ts'
import { parseDomainName } from '../protocol/domain-name.ts'
import type { Tone } from './mail-look.ts'
import { hidden, nameText, whoText } from './summary-incident-words.ts'
import type { SummaryMeasure, SummaryRow, SummarySection } from './summary-story.ts'

const SOON_MS = 7 * DAY_MS

/** What ends soon and needs somebody, and the certificates that end next. */
export function nextSection(summary: WeeklySummary, measure: SummaryMeasure): SummarySection {
  const { due, certificates } = summary
  const rows = due.first.slice(0, measure.rows).map((item) => dueRow(item, summary))
  const [next] = certificates.first
  const nothing =
    next === undefined
      ? 'No certificate was seen.'
      : `Nothing ends that should have been renewed by now. The next certificate is that of ${hostText(next.host)}, on ${dayText(next.endsAt, summary.timezone)}, ${leftText(next.endsAt, summary)}.`
  return {
    label: 'The next 30 days',
    pieces: [
      rows.length === 0 ? { kind: 'prose', text: nothing } : { kind: 'rows', rows },
      ...hidden(due.total - rows.length, 'domains.csv'),
      ...(certificates.total === 0
        ? []
        : [{ kind: 'picture', name: 'certificates', alt: certificatesAlt(summary) } as const]),
    ],
  }
}

function dueRow(item: DueItem, summary: WeeklySummary): SummaryRow {
  const day = dayText(item.endsAt, summary.timezone)
  const right = leftText(item.endsAt, summary)
  if (item.kind === 'cached-policy') {
    return {
      tone: 'warning',
      left: `${whoText(item.domains)}: senders forget the MTA-STS policy, which they cannot fetch any more`,
      right,
      below: `${day}: until then they use the copies that they have`,
    }
  }
  return {
    tone: dueTone(item, summary),
    left: `${hostText(item.host)}: the certificate ${item.endsAt <= summary.at ? 'has ended' : 'ends'}`,
    right,
    below: certificateNote(item, day),
  }
}

export function dueTone({ endsAt }: Pick<DueItem, 'endsAt'>, { at }: Pick<WeeklySummary, 'at'>): Tone {
  return endsAt - at <= SOON_MS ? 'critical' : 'warning'
}

function certificateNote(end: CertificateEnd, day: string): string {
  const { role, domains, hasTlsa } = end
  const what =
    role === 'mx' ? `mail host of ${whoText(domains)}` : `MTA-STS policy host of ${whoText(domains)}`
  const tlsa = hasTlsa ? '; it has TLSA records: keep the key, or publish the record of a new one first' : ''
  const risk = riskOf(end)
  const share = risk === null ? '' : `; then ${riskPhrase(risk)}`
  return `${day}, ${what}${share}${tlsa}`
}

/** "in 11 days", "3 days ago" */
export function leftText(endsAt: number, { at }: Pick<WeeklySummary, 'at'>): string {
  const left = durationText(endsAt - at)
  return endsAt > at ? `in ${left}` : `${left} ago`
}

export function hostText(host: string): string {
  const name = parseDomainName(host)
  return name === null ? display(host, 80) : nameText(name)
}

function certificatesAlt(summary: WeeklySummary): string {
  const { first } = summary.certificates
  const lines = first.map(
    ({ host, endsAt, isDue }) =>
      `${hostText(host)} ${dayText(endsAt, summary.timezone)}${isDue ? ' (due)' : ''}`,
  )
  return `The certificates that end next: ${lines.join(', ')}.`
}
