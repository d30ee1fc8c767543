import { dayText } from '../announce/text-time.ts'
import type { DomainState, WeeklySummary } from '../model/weekly-summary.ts'
import type { Tone } from './mail-look.ts'
import { nameText } from './summary-incident-words.ts'
import { hostText } from './summary-next-words.ts'
import { countText, numberText } from './summary-numbers.ts'
import type { SummaryMeasure, SummaryRow, SummarySection } from './summary-story.ts'

/** The state of each domain as long as they are few; of many only those that are not well, and a count. */
export function domainsSection(summary: WeeklySummary, measure: SummaryMeasure): SummarySection {
  const { domains } = summary
  const isFew = domains.length <= measure.domains
  const wanted = isFew ? domains : domains.filter(({ state, needsHands }) => state !== 'well' || needsHands)
  const shown = wanted.slice(0, measure.domains)
  return {
    label: 'Domains',
    pieces: [
      ...(shown.length === 0
        ? []
        : [{ kind: 'rows', rows: shown.map((one) => domainRow(one, summary)) } as const]),
      ...(isFew ? [] : [{ kind: 'prose', text: restText(domains, shown) } as const]),
    ],
  }
}

function restText(domains: readonly DomainState[], shown: readonly DomainState[]): string {
  const rest = domains.slice(shown.length)
  const well = rest.filter(({ state, needsHands }) => state === 'well' && !needsHands).length
  const others = rest.length - well
  const more = others === 0 ? '' : `${numberText(others)} more like these; `
  return `${more}${countText(well, 'domain')} ${well === 1 ? 'is' : 'are'} well. All ${numberText(domains.length)} are in the attached domains.csv.`
}

const STATES: Readonly<Record<DomainState['state'], { readonly tone: Tone; readonly word: string }>> = {
  critical: { tone: 'critical', word: 'critical' },
  warning: { tone: 'warning', word: 'warning' },
  info: { tone: 'info', word: 'a remark' },
  undecided: { tone: 'info', word: 'could not be judged' },
  unseen: { tone: 'info', word: 'not looked at yet' },
  well: { tone: 'resolved', word: 'well' },
}

function domainRow(domain: DomainState, { timezone }: WeeklySummary): SummaryRow {
  const { state, needsHands, policyMode, certificate, sessions, failedSessions } = domain
  const { tone, word } = STATES[state]
  const isDue = needsHands && (state === 'well' || state === 'info')
  const failed = failedSessions === 0 ? '' : `, ${numberText(failedSessions)} failed`
  return {
    tone: isDue ? 'warning' : tone,
    left: nameText(domain.domain),
    right: isDue ? 'certificate ends soon' : word,
    below: [
      policyMode === null ? 'no policy' : `policy ${policyMode}`,
      ...(certificate === null
        ? []
        : [
            `certificates until ${dayText(certificate.endsAt, timezone)}${isDue ? ` (${hostText(certificate.host)})` : ''}`,
          ]),
      ...(sessions === 0 ? [] : [`${countText(sessions, 'session')}${failed}`]),
    ].join(' · '),
  }
}
