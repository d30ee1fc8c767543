import { expect, test } from 'vitest'
import { weeklySummary } from '../../../src/announce/weekly-summary.ts'
import { RiskTally } from '../../../src/app/risk-tally.ts'
import type { DomainPolicy } from '../../../src/check/sender-summary.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import { summaryCsv } from '../../../src/notify/summary-csv.ts'
import { summaryStory, WHOLE } from '../../../src/notify/summary-story.ts'
import { summaryText } from '../../../src/notify/summary-text.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { history, MICROSOFT, STRANGER, said } from '../check/report-builder.ts'
import { readCsv } from '../lib/read-csv.ts'
import { AT, certificate, incidentOf, quietInput } from '../notify/summary-kinds.ts'

const A = 'a.example' as DomainName
const B = 'b.example' as DomainName
const MX = 'mx.provider.example'
const INPUT = quietInput([A, B])
const { endDayAt } = INPUT.period

/** The day so many days before the end of the period. */
function day(ago: number, ...domains: readonly (DomainName | null)[]): readonly DomainPolicy[] {
  const dayAt = endDayAt - ago * DAY_MS
  return domains.flatMap((domain) => [
    { ...said({ dayAt, of: 60 }), domain },
    { ...said({ dayAt, of: 40, reporter: MICROSOFT, policyType: 'no-policy-found' }), domain },
    { ...said({ dayAt, of: 500, reporter: STRANGER }), domain },
  ])
}

const KNOWN = { reporters: async () => new Map([[STRANGER, history(STRANGER, 1)]]) }

async function risks(
  certificates: ReturnType<typeof certificate>[],
  days: readonly (readonly DomainPolicy[])[],
  mode: 'enforce' | 'testing' | 'none' = 'enforce',
) {
  const tally = new RiskTally(certificates, new Map([A, B].map((domain) => [domain, mode])), INPUT)
  for (const policies of days) tally.addDay(policies)
  return tally.result(KNOWN)
}

test('of a due certificate the reports of the last two weeks of all domains that share the host count', async () => {
  const due = [certificate(A, MX, 5), certificate(B, MX, 5)]
  const told = await risks(
    due,
    [15, 14, 2, 1].map((ago) => day(ago, A, B, null)),
  )
  expect([...told]).toEqual([
    [MX, expect.objectContaining({ effect: 'defer', days: 3, sessions: 600, atRisk: 360 })],
  ])
})

test('nothing is told of certificates that are not due, nor without a policy', async () => {
  const days = [3, 2, 1].map((ago) => day(ago, A))
  expect((await risks([certificate(A, MX, 60)], days)).size).toBe(0)
  expect((await risks([certificate(A, MX, 5)], days, 'none')).size).toBe(0)
  expect((await risks([certificate(A, MX, 5)], days, 'testing')).get(MX)?.effect).toBe('report-only')
})

test('the summary tells it with what is due and with what is open', async () => {
  const certificates = [certificate(A, MX, 5)]
  const atRisk = await risks(
    certificates,
    [3, 2, 1].map((ago) => day(ago, A)),
  )
  const incident = incidentOf({ code: 'mx.certificate.expired', domain: A })
  const risky = { ...incident, latest: { ...incident.latest, atRisk: atRisk.get(MX) ?? null } }
  const summary = weeklySummary({ ...INPUT, certificates, atRisk, incidents: [risky] })
  const text = summaryText(summaryStory(summary, WHOLE)).replace(/\s+/g, ' ')
  expect(text).toContain('; then about 60 % of reported sessions would be deferred')
  expect(text).toMatch(/since [^;]+; about 60 % of reported sessions would be deferred; stswatch explain/)
  expect(AT).toBe(summary.at)
  const [head, row] = readCsv(summaryCsv(summary))
  const cell = (name: string) => row?.[head?.indexOf(name) ?? -1]
  expect([cell('share of sessions at risk'), cell('what would become of them')]).toEqual(['0.6', 'defer'])
})
