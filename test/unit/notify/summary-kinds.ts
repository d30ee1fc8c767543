/** Summaries of every kind, made by the product from plain facts. */
import type { SummaryInput } from '../../../src/announce/summary-input.ts'
import { periodOfWeek } from '../../../src/announce/summary-period.ts'
import { weeklySummary } from '../../../src/announce/weekly-summary.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { Change } from '../../../src/model/change.ts'
import { type Finding, type FindingCode, findingKey, type Severity } from '../../../src/model/finding.ts'
import type { Incident, IncidentId, Phase, ThreadId } from '../../../src/model/incident.ts'
import type { WeeklySummary } from '../../../src/model/weekly-summary.ts'
import { type DomainName, parseDomainName } from '../../../src/protocol/domain-name.ts'
import { sampleOf } from '../announce/sample-findings.ts'
import { POISON } from './poison.ts'

const ZONE = 'Europe/Berlin'
/** Monday, 2026-11-23 07:00 in Berlin. */
export const AT = Date.UTC(2026, 10, 23, 6)
const PERIOD = periodOfWeek('2026-W47', ZONE) ?? fail()
const MAILS = {
  accepted: 0,
  duplicate: 0,
  conflict: 0,
  quarantined: 0,
  rejected: 0,
  'not-a-report': 0,
  postponed: 0,
}

function fail(): never {
  throw new Error('no such week')
}

export function name(text: string): DomainName {
  return parseDomainName(text) ?? fail()
}

/** All is well and nobody has said anything. */
export function quietInput(names: readonly string[]): SummaryInput {
  const domains = names.map(name)
  return {
    period: PERIOD,
    at: AT,
    timezone: ZONE,
    domains,
    incidents: [],
    changes: [],
    looks: new Map(
      domains.map((domain) => [domain, { looks: 672, undecided: 0, lastLookAt: AT - 5 * MINUTE_MS }]),
    ),
    certificates: domains.flatMap((domain, index) => [
      certificate(domain, `mx1.${domain}`, 40 + ((index * 7) % 45)),
      { ...certificate(domain, `mta-sts.${domain}`, 35 + ((index * 5) % 50)), role: 'policy-host' as const },
    ]),
    atRisk: new Map(),
    policies: new Map(
      domains.map((domain) => [domain, { mode: 'enforce' as const, horizonAt: AT + 14 * DAY_MS }]),
    ),
    reported: { days: [], ofDomains: new Map(), failures: [] },
    mails: MAILS,
    down: [],
    undelivered: { givenUp: 0, waiting: 0 },
    canaries: { sent: 0, arrived: 0 },
    ownReports: { sent: 0, waiting: 0, givenUp: 0, leftOut: 0 },
  }
}

export function certificate(domain: DomainName, host: string, daysLeft: number) {
  return {
    domain,
    host,
    role: 'mx' as const,
    notBeforeAt: AT + (daysLeft - 90) * DAY_MS,
    notAfterAt: AT + daysLeft * DAY_MS,
    hasTlsa: false,
  }
}

interface Sketch {
  readonly code: FindingCode
  readonly domain: DomainName | null
  readonly daysAgo: number
  readonly lastedMs: number | null
  readonly thread: string
  readonly severity: Severity | null
}

let count = 0
export function incidentOf(sketch: Partial<Sketch> & Pick<Sketch, 'code' | 'domain'>): Incident {
  const { code, domain, daysAgo = 1, lastedMs = null, thread = null, severity = null } = sketch
  count += 1
  const sample = sampleOf(code)
  const latest = { ...sample, domain, severity: severity ?? sample.severity } as Finding
  const openedAt = AT - daysAgo * DAY_MS
  const phase: Phase =
    lastedMs === null
      ? { name: 'open', openedAt, rising: null }
      : { name: 'resolved', openedAt, resolvedAt: openedAt + lastedMs }
  return {
    id: `inc_${String(count).padStart(6, '0')}` as IncidentId,
    thread: (thread ?? `thr_${count}`) as ThreadId,
    key: findingKey(code, domain, latest.subject),
    domain,
    latest,
    worst: latest.severity,
    firstSeenAt: openedAt,
    phase,
    transitions: 1,
    recentTurnsAt: [],
    flappingSince: null,
  }
}

export function changeOf(domain: DomainName, daysAgo: number, summary: string, notable = true): Change {
  const at = AT - daysAgo * DAY_MS
  return { domain, at, part: 'mx', subject: null, summary, removed: [], added: [], notable, settles: null }
}

/** Five weeks of three senders, growing a little, with a bad Thursday. */
export function reportedBy(
  senders: readonly (readonly [string, number])[],
  failing: number,
): SummaryInput['reported'] {
  const days = Array.from({ length: 35 }, (_, index) => PERIOD.endDayAt - (35 - index) * DAY_MS)
  return {
    days: days.flatMap((dayAt, index) =>
      senders.map(([sender, size], place) => ({
        reporter: name(sender),
        dayAt,
        sessions: Math.round(size * (1 + 0.25 * Math.sin(index * 0.9 + place)) * (index % 7 > 4 ? 0.45 : 1)),
        failedSessions: index === 31 ? Math.round(failing / senders.length) : index % 11 === 3 ? 2 : 0,
      })),
    ),
    ofDomains: new Map(),
    failures:
      failing === 0
        ? []
        : [
            {
              reporter: name(senders[0]?.[0] ?? 'a.example'),
              resultType: 'certificate-expired',
              sessions: failing,
            },
            { reporter: name(senders[1]?.[0] ?? 'b.example'), resultType: 'validation-failure', sessions: 7 },
          ],
  }
}

const NAMES = [
  'example.com',
  'example.net',
  'bank.example',
  'shop.example',
  'bücher.example',
  'müller-söhne.example',
  'post.example.org',
  'verein.example',
  'stadtwerke.example',
  'kanzlei.example',
  'praxis.example',
  'schule.example',
  'a-very-long-name-of-a-customer-of-ours.example.org',
  'почта.example',
]
export const SENDERS = [
  ['google.com', 1_400],
  ['microsoft.com', 620],
  ['mail.yahoo.example', 90],
  ['comcast.net', 31],
] as const

function eventful(): SummaryInput {
  const quiet = quietInput(NAMES)
  const [com, net, bank, shop, books] = quiet.domains
  const of = (domain: DomainName | undefined) => domain ?? fail()
  return {
    ...quiet,
    incidents: [
      incidentOf({ code: 'mta-sts.policy.mx-uncovered', domain: of(bank), daysAgo: 2.4 }),
      incidentOf({ code: 'mx.certificate.expiring', domain: of(shop), daysAgo: 5, severity: 'warning' }),
      incidentOf({ code: 'mta-sts.policy.max-age-short', domain: of(net), daysAgo: 9 }),
      incidentOf({
        code: 'mx.certificate.expired',
        domain: of(com),
        daysAgo: 4,
        lastedMs: 3 * HOUR_MS,
        thread: 'thr_x',
      }),
      incidentOf({
        code: 'mx.certificate.expired',
        domain: of(net),
        daysAgo: 4,
        lastedMs: 3 * HOUR_MS,
        thread: 'thr_x',
      }),
      incidentOf({
        code: 'mta-sts.policy.unfetchable',
        domain: of(books),
        daysAgo: 6,
        lastedMs: 40 * MINUTE_MS,
      }),
      incidentOf({ code: 'monitor.smtp.blind', domain: null, daysAgo: 3, lastedMs: 12 * MINUTE_MS }),
      incidentOf({ code: 'monitor.channel.failing', domain: null, daysAgo: 0.4, severity: 'warning' }),
    ],
    changes: [
      changeOf(of(bank), 2.5, 'MX: mx2.example.net added'),
      changeOf(of(shop), 3, 'policy: mode testing → enforce'),
      changeOf(of(com), 3, 'certificate renewed', false),
      changeOf(of(net), 3, 'certificate renewed', false),
    ],
    certificates: [
      ...quiet.certificates,
      { ...certificate(of(shop), 'mx2.shop.example', 5), hasTlsa: true },
      certificate(of(com), 'mail.example.com', 14),
    ],
    reported: {
      ...reportedBy(SENDERS, 120),
      ofDomains: new Map([
        [of(com), { sessions: 9_310, failedSessions: 0 }],
        [of(bank), { sessions: 1_204, failedSessions: 120 }],
      ]),
    },
    mails: { ...MAILS, accepted: 61, duplicate: 3, quarantined: 2, rejected: 1 },
    looks: new Map([
      ...quiet.looks,
      [of(books), { looks: 672, undecided: 71, lastLookAt: AT - 4 * MINUTE_MS }],
    ]),
    down: [{ fromAt: AT - 4 * DAY_MS, untilAt: AT - 4 * DAY_MS + 26 * MINUTE_MS }],
    undelivered: { givenUp: 1, waiting: 2 },
    canaries: { sent: 7, arrived: 6 },
    ownReports: { sent: 96, waiting: 0, givenUp: 1, leftOut: 1 },
  }
}

/** `of` domains on one hoster, of which a few hundred share an outage. */
export function manyInput(of: number): SummaryInput {
  const names = Array.from({ length: of }, (_, index) => `kunde-${String(index).padStart(5, '0')}.example`)
  const quiet = quietInput(names)
  const hit = quiet.domains.slice(100, 100 + Math.floor(of / 4))
  return {
    ...quiet,
    certificates: quiet.domains.flatMap((domain, index) =>
      certificate(domain, `mx${index % 5}.hoster.example`, 33 + (index % 5)),
    ),
    incidents: [
      ...hit.map((domain) =>
        incidentOf({ code: 'mx.certificate.expired', domain, daysAgo: 1, thread: 'thr_hoster' }),
      ),
      ...quiet.domains
        .slice(0, 40)
        .map((domain) => incidentOf({ code: 'mta-sts.policy.weakened', domain, daysAgo: 2 })),
      ...quiet.domains
        .slice(-3)
        .map((domain) => incidentOf({ code: 'domain.undecided', domain, daysAgo: 3 })),
    ],
    changes: quiet.domains
      .slice(0, 400)
      .map((domain, index) => changeOf(domain, 2, `MX: mx${index % 50}.hoster.example added`)),
    reported: reportedBy(
      [...SENDERS, ...Array.from({ length: 60 }, (_, index) => [`s${index}.example`, 5 + index] as const)],
      300,
    ),
    mails: { ...MAILS, accepted: 6_120, quarantined: 22, rejected: 4 },
  }
}

function hostile(): SummaryInput {
  const quiet = quietInput(['bücher.example', 'xn--e1afmkfd.example', '例え.example'])
  const [first, second] = quiet.domains
  const domain = first ?? fail()
  const base = incidentOf({ code: 'mta-sts.policy.pattern-unused', domain, daysAgo: 2 })
  const poisoned = {
    ...base.latest,
    code: 'mta-sts.policy.pattern-unused',
    subject: POISON,
    severity: 'warning',
    evidence: { pattern: POISON, mx: [POISON] },
  } as Finding
  return {
    ...quiet,
    incidents: [{ ...base, latest: poisoned, worst: 'warning' }],
    changes: [changeOf(second ?? fail(), 1, POISON)],
    certificates: [
      ...quiet.certificates,
      certificate(domain, POISON, 3),
      certificate(domain, '例え.example', 9),
    ],
    reported: {
      ...reportedBy(SENDERS, 30),
      failures: [{ reporter: name('google.com'), resultType: POISON, sessions: 30 }],
    },
  }
}

export const SUMMARY_KINDS: readonly { readonly name: string; readonly summary: WeeklySummary }[] = [
  {
    name: 'quiet',
    summary: weeklySummary({
      ...quietInput(NAMES),
      reported: reportedBy(SENDERS, 0),
      mails: { ...MAILS, accepted: 58 },
    }),
  },
  { name: 'eventful', summary: weeklySummary(eventful()) },
  { name: 'thousand', summary: weeklySummary(manyInput(1_000)) },
  { name: 'no-reports', summary: weeklySummary(quietInput(['example.com'])) },
  { name: 'hostile', summary: weeklySummary(hostile()) },
]
