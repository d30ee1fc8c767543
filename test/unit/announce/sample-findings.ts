import { judge } from '../../../src/check/judge.ts'
import type { Finding } from '../../../src/model/finding.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { BROKEN_ANCHORS } from '../check/broken-anchors.ts'
import { BROKEN_CERTIFICATES } from '../check/broken-certificates.ts'
import { BROKEN_DANE } from '../check/broken-dane.ts'
import { BROKEN_FACES } from '../check/broken-faces.ts'
import { BROKEN_HOSTS } from '../check/broken-hosts.ts'
import { BROKEN_PLANS } from '../check/broken-plans.ts'
import { BROKEN_POLICIES } from '../check/broken-policies.ts'
import { BROKEN_RECORDS } from '../check/broken-records.ts'
import { BROKEN_REPORTS } from '../check/broken-reports.ts'
import { BROKEN_ROLLOVERS } from '../check/broken-rollover.ts'
import { BROKEN_SERVERS } from '../check/broken-servers.ts'
import { context, NOW, watched } from '../check/snapshot-builder.ts'

const DOMAINS: readonly Finding[] = [
  ...BROKEN_RECORDS,
  ...BROKEN_POLICIES,
  ...BROKEN_HOSTS,
  ...BROKEN_CERTIFICATES,
  ...BROKEN_FACES,
  ...BROKEN_ANCHORS,
  ...BROKEN_DANE,
  ...BROKEN_ROLLOVERS,
  ...BROKEN_REPORTS,
  ...BROKEN_SERVERS,
  ...BROKEN_PLANS,
].flatMap((one) => judge(one.snapshot, watched(one.domain), context(one.context)).findings)

const ABOUT = {
  domain: null,
  subject: null,
  severity: 'critical',
  observedAt: NOW,
  reported: [],
  atRisk: null,
} as const

const CANARY = {
  rua: 'mailto:tls@a.example',
  domains: ['a.example' as DomainName, 'b.example' as DomainName],
  lastArrivedAt: NOW - 2 * 86_400_000,
}
const TAKEN = { hop: 'mail.ops.example:587: 250 2.0.0 Ok: queued as 4F2A (0.4 s)', sentAt: NOW - 18_000_000 }

const MONITOR: readonly Finding[] = [
  { ...ABOUT, code: 'monitor.dns.blind', evidence: { resolvers: ['192.0.2.53'], detail: 'timed out' } },
  { ...ABOUT, code: 'monitor.https.blind', evidence: { detail: 'timed out' } },
  {
    ...ABOUT,
    code: 'monitor.dnssec.blind',
    evidence: { resolvers: ['192.0.2.53:53'], domains: ['a.example' as DomainName] },
  },
  { ...ABOUT, code: 'monitor.smtp.blind', evidence: { detail: 'timed out' } },
  {
    ...ABOUT,
    code: 'monitor.mass-failure',
    evidence: { failing: 40, of: 100, domains: ['a.example' as DomainName] },
  },
  {
    ...ABOUT,
    code: 'monitor.clock.skewed',
    evidence: { skewMs: -300_000, sources: ['a.example', 'b.example'] },
  },
  {
    ...ABOUT,
    code: 'monitor.config.broken',
    evidence: { file: 'watch.yaml', problems: ['7:11: unknown key'] },
  },
  {
    ...ABOUT,
    code: 'monitor.channel.failing',
    evidence: { channel: 'ops', errorCode: 'channel_not_found', error: 'there is no such channel' },
  },
  {
    ...ABOUT,
    severity: 'warning',
    code: 'monitor.dkim.failing',
    evidence: {
      domain: 'ops.example',
      selector: 'mail1',
      why: 'the signature of mail1 does not verify: bad signature',
    },
  },
  {
    ...ABOUT,
    severity: 'warning',
    code: 'monitor.reports.held',
    evidence: {
      domain: 'ops.example',
      selector: 'reports1',
      why: 'reports1._domainkey.ops.example: There is no TXT record here.',
    },
  },
  {
    ...ABOUT,
    severity: 'warning',
    subject: CANARY.rua,
    code: 'monitor.canary.undelivered',
    evidence: { ...CANARY, said: 'mx1.a.example: 550 5.1.1 no such user', sinceAt: NOW - 86_400_000 },
  },
  {
    ...ABOUT,
    severity: 'warning',
    subject: CANARY.rua,
    code: 'monitor.canary.missing',
    evidence: {
      ...CANARY,
      ...TAKEN,
      reportId: 'canary.2026-11-23T0523.0f0f@ops.example',
      limitMs: 14_400_000,
    },
  },
  {
    ...ABOUT,
    severity: 'warning',
    subject: CANARY.rua,
    code: 'monitor.canary.unverified',
    evidence: { ...CANARY, ...TAKEN, because: 'signature-broken', detail: 'the body was changed' },
  },
  {
    ...ABOUT,
    severity: 'info',
    subject: CANARY.rua,
    code: 'monitor.canary.slow',
    evidence: { ...CANARY, ...TAKEN, lastArrivedAt: null, tookMs: 7_200_000, limitMs: 3_600_000 },
  },
  {
    ...ABOUT,
    code: 'monitor.check.failing',
    evidence: { domain: 'a.example' as DomainName, error: 'x is not a function' },
  },
  {
    ...ABOUT,
    code: 'monitor.mailbox.unreachable',
    evidence: {
      account: 'tls@mail.example:993',
      failure: 'login-refused',
      error: 'the server refused user and password',
      sinceAt: NOW - 7_200_000,
    },
  },
  {
    ...ABOUT,
    code: 'monitor.mailbox.renumbered',
    evidence: { account: 'tls@mail.example:993', folder: 'INBOX', before: '17', after: '18', at: NOW },
  },
  {
    ...ABOUT,
    code: 'monitor.mailbox.unreadable',
    evidence: { mails: 11, examples: [{ sender: 'google.com', reason: 'json-truncated' }] },
  },
]

/** Findings of every code there is, several of some. */
export const SAMPLE_FINDINGS: readonly Finding[] = [...DOMAINS, ...MONITOR]

/** The first sample of a code, for tests about one. */
export function sampleOf<C extends Finding['code']>(code: C): Extract<Finding, { code: C }> {
  const finding = SAMPLE_FINDINGS.find((one) => one.code === code)
  if (finding === undefined) throw new Error(`no sample of ${code}`)
  return finding as Extract<Finding, { code: C }>
}
