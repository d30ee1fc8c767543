import { describe, expect, it, test } from 'vitest'
import { describe as inWords } from '../../../src/announce/describe.ts'
import { certificateRisks } from '../../../src/check/certificate-risk.ts'
import { enforcingSessions, shareAtRisk } from '../../../src/check/enforcing-sessions.ts'
import { judgeLook } from '../../../src/check/judge.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { Finding } from '../../../src/model/finding.ts'
import type { MailAtRisk } from '../../../src/model/mail-at-risk.ts'
import type { ReportedPolicy } from '../../../src/model/report-window.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import {
  daysAgo,
  GOOGLE,
  history,
  judgeReports,
  MICROSOFT,
  reportWindow,
  STRANGER,
  said,
} from './report-builder.ts'
import { lookAt, NEW, OLD, OLD_RECORD, presenting } from './rollover-builder.ts'
import {
  absent,
  context,
  established,
  failed,
  healthy,
  MX1,
  MX2,
  mxHost,
  NOW,
  policyBody,
  serving,
  sessionAt,
  tls,
  watched,
} from './snapshot-builder.ts'

const ENDED = { notAfterAt: NOW - DAY_MS }
const EXAMPLE_ORG = 'example.org' as DomainName

function ending(name: string, daysLeft: number): MxHost {
  const edit = { notBeforeAt: NOW - 90 * DAY_MS, notAfterAt: NOW + daysLeft * DAY_MS }
  return mxHost(name, [], { sessions: [sessionAt('192.0.2.1', established(tls(name, edit)))] })
}

function expired(name: string): MxHost {
  const facts = tls(name, ENDED, 'CERT_HAS_EXPIRED')
  return mxHost(name, [], { sessions: [sessionAt('192.0.2.1', established(facts))] })
}

function plain(name: string): MxHost {
  return mxHost(name, [], { sessions: [sessionAt('192.0.2.1', { outcome: 'not-offered' })] })
}

function good(name: string): MxHost {
  return mxHost(name, ['192.0.2.2'])
}

/** Three days of reports: google.com enforces, microsoft.com has no policy. */
function reports(edit: Partial<Parameters<typeof said>[0] & object> = {}): readonly ReportedPolicy[] {
  return [1, 2, 3].flatMap((days) => [
    said({ dayAt: daysAgo(days), of: 540, ...edit }),
    said({ dayAt: daysAgo(days), of: 460, reporter: MICROSOFT, policyType: 'no-policy-found' }),
  ])
}

function riskOf(
  hosts: readonly MxHost[],
  policies: readonly ReportedPolicy[] = reports(),
  mode = 'enforce',
): MailAtRisk | null {
  return findingOf(hosts, policies, mode)?.atRisk ?? null
}

/** The finding about mx1, or the only one about an MX host. */
function findingOf(
  hosts: readonly MxHost[],
  policies: readonly ReportedPolicy[],
  mode = 'enforce',
): Finding | undefined {
  const snapshot = { ...serving(policyBody({ mode })), hosts }
  const { findings } = judgeReports(reportWindow(policies), { snapshot })
  return findings.find(({ code, subject }) => code.startsWith('mx.') && subject === MX1)
}

describe('the share of reported sessions that rests on a broken MX host', () => {
  it('is deferred when no other MX host passes', () => {
    expect(riskOf([expired(MX1)])).toEqual({
      effect: 'defer',
      sessions: 3_000,
      atRisk: 1_620,
      days: 3,
      firstDayAt: daysAgo(3),
      lastDayAt: daysAgo(1),
      reporters: { total: 1, first: [GOOGLE] },
    })
    expect(riskOf([expired(MX1), expired(MX2)])?.effect).toBe('defer')
    expect(riskOf([expired(MX1), mxHost(MX2, [], { addresses: absent() })])?.effect).toBe('defer')
  })

  it('goes to another MX host where one passes, or may pass', () => {
    expect(riskOf([expired(MX1), good(MX2)])?.effect).toBe('other-host')
    expect(riskOf([expired(MX1), mxHost(MX2, [], { addresses: failed() })])?.effect).toBe('other-host')
  })

  it('goes to another address of the host where one is in order', () => {
    const facts = tls(MX1, ENDED, 'CERT_HAS_EXPIRED')
    const half = mxHost(MX1, [], {
      sessions: [sessionAt('192.0.2.1', established(facts)), sessionAt('192.0.2.2', established(tls(MX1)))],
    })
    expect(riskOf([half])?.effect).toBe('other-host')
  })

  it('is deferred by a coming end only when the others end with it', () => {
    expect(riskOf([ending(MX1, 2), ending(MX2, 3)])?.effect).toBe('defer')
    expect(riskOf([ending(MX1, 2), ending(MX2, 4)])?.effect).toBe('other-host')
    expect(riskOf([expired(MX1), ending(MX2, 1)])?.effect).toBe('other-host')
    expect(riskOf([ending(MX1, 2), plain(MX2)])?.effect).toBe('defer')
  })

  it('is only reported in mode testing, and nothing without a policy', () => {
    const tested = reports({ policyString: ['version: STSv1', 'mode: testing'] })
    expect(riskOf([expired(MX1)], tested, 'testing')).toMatchObject({ effect: 'report-only', atRisk: 1_620 })
    expect(riskOf([expired(MX1)], tested, 'none')).toBeNull()
    expect(riskOf([plain(MX1)], tested, 'none')).toBeNull()
  })

  it('counts the policies that senders say they applied, not the one of today', () => {
    const applied = (mode: string) => reports({ policyString: ['version: STSv1', `mode: ${mode}\r`] })
    expect(riskOf([expired(MX1)], applied('testing'))).toBeNull()
    expect(riskOf([expired(MX1)], applied('enforce'))?.atRisk).toBe(1_620)
  })

  it('counts DANE where STARTTLS is gone, by the host that it is about, and never a session twice', () => {
    const dane = (mx: string, of: number) =>
      [1, 2, 3].map((days) => ({
        ...said({ dayAt: daysAgo(days), of, policyType: 'tlsa' }),
        mx: mx as DomainName,
      }))
    expect(riskOf([plain(MX1)], [...reports(), ...dane(MX1, 500)])?.atRisk).toBe(1_620)
    expect(riskOf([plain(MX1)], [...reports(), ...dane(MX1, 600)])).toMatchObject({
      atRisk: 1_800,
      sessions: 3_180,
    })
    expect(riskOf([plain(MX1)], [...reports(), ...dane(MX2, 600)])?.atRisk).toBe(1_620)
    // Usage 3 looks at no dates.
    expect(riskOf([expired(MX1)], [...reports(), ...dane(MX1, 600)])?.atRisk).toBe(1_620)
  })

  it('counts the sessions with the host itself where its TLSA records fit nothing', () => {
    const dane = (mx: string) =>
      [1, 2, 3].map((days) => ({
        ...said({ dayAt: daysAgo(days), of: 500, policyType: 'tlsa' }),
        mx: mx as DomainName,
      }))
    const host = presenting([OLD_RECORD], NEW, NEW)
    const policies = reportWindow([...dane(MX1), ...dane(MX2)])
    const atRiskOf = (snapshot: Snapshot) =>
      judgeReports(policies, { snapshot }).findings.find(({ code }) => code === 'dane.tlsa.mismatch')?.atRisk
    expect(atRiskOf(lookAt(host))).toMatchObject({ effect: 'other-host', atRisk: 1_500, sessions: 3_000 })
    expect(atRiskOf(healthy({ hosts: [host] }))).toMatchObject({ effect: 'defer', atRisk: 1_500 })
    expect(atRiskOf(healthy({ hosts: [host, expired(MX2)] }))?.effect).toBe('other-host')
    expect(atRiskOf(healthy({ hosts: [host, plain(MX2)] }))?.effect).toBe('defer')
    expect(atRiskOf(lookAt(presenting([OLD_RECORD], OLD, NEW)))?.effect).toBe('other-host')
  })

  it('takes nobody’s word who is not known, no impossible counts and no old days', () => {
    const stranger = [1, 2, 3].map((days) => said({ dayAt: daysAgo(days), reporter: STRANGER, of: 9_000 }))
    expect(riskOf([expired(MX1)], [...reports(), ...stranger])?.sessions).toBe(3_000)
    const snapshot = healthy({ hosts: [expired(MX1)] })
    const known = reportWindow([...reports(), ...stranger], {
      reporters: new Map([[STRANGER, history(STRANGER, 9)]]),
    })
    const { findings } = judgeReports(known, { snapshot })
    const found = findings.find(({ code }) => code === 'mx.certificate.expired')
    expect(found?.atRisk).toMatchObject({ sessions: 30_000, reporters: { first: [STRANGER, GOOGLE] } })
    expect(
      riskOf([expired(MX1)], [...reports(), said({ dayAt: daysAgo(1), of: 10 ** 9 + 1 })])?.sessions,
    ).toBe(3_000)
    expect(riskOf([expired(MX1)], [...reports(), said({ dayAt: daysAgo(14) })])?.days).toBe(4)
    expect(riskOf([expired(MX1)], [...reports(), said({ dayAt: daysAgo(15) })])?.days).toBe(3)
  })

  it.each([
    [49, 3, null],
    [50, 3, 50],
    [51, 3, 51],
    [100, 2, null],
    [100, 3, 100],
    [100, 4, 100],
  ])('is not told of too little: %i sessions on %i days', (sessions, days, told) => {
    const policies = Array.from({ length: days }, (_, day) =>
      said({ dayAt: daysAgo(day + 1), of: day === 0 ? sessions : 0 }),
    )
    expect(riskOf([expired(MX1)], policies)?.sessions ?? null).toBe(told)
  })

  it('counts a broken host that the domain does not want to hear of', () => {
    const snapshot = healthy({ hosts: [expired(MX1), plain(MX2)] })
    const { findings } = judgeReports(reportWindow(reports()), {
      snapshot,
      domain: { ignore: new Set(['mx.starttls.missing']) },
    })
    expect(findings.map(({ code, atRisk }) => [code, atRisk?.effect])).toEqual([
      ['mx.certificate.expired', 'defer'],
    ])
  })

  it('is told by one look too, without the findings that rest on reports alone', () => {
    const failing = [1, 2, 3].map((days) => said({ dayAt: daysAgo(days), failed: 500 }))
    const judgement = judgeLook(
      healthy({ hosts: [expired(MX1), good(MX2)] }),
      watched(),
      context({ reports: reportWindow(failing) }),
    )
    expect(judgement.findings.map(({ code, atRisk }) => [code, atRisk?.atRisk])).toEqual([
      ['mx.certificate.expired', 3_000],
    ])
  })
})

test('a host that the policy does not list is refused by those who enforce it', () => {
  const snapshot = { ...serving(policyBody({ mx: [MX2] })), hosts: [good(MX1), good(MX2)] }
  const { findings } = judgeReports(reportWindow(reports()), { snapshot })
  const uncovered = findings.find(({ code }) => code === 'mta-sts.policy.mx-uncovered')
  expect(uncovered?.atRisk).toMatchObject({ effect: 'other-host', atRisk: 1_620 })
})

describe('in words', () => {
  const told = (hosts: readonly MxHost[], policies = reports(), mode = 'enforce') => {
    const finding = findingOf(hosts, policies, mode)
    return finding === undefined ? null : inWords(finding, { timezone: 'UTC', now: NOW }).impact
  }

  it('names the share, whose it is and what it rests on', () => {
    expect(told([expired(MX1)])).toContain(
      'About 54 % of reported sessions (google.com; some 3,000 sessions from 2026-11-20 to 2026-11-22) would be deferred: no MX host is left that these senders accept.',
    )
    expect(told([ending(MX1, 2)])).toContain('From then on: ')
    expect(told([ending(MX1, 2)])).toContain('Then about 54 % of reported sessions')
    expect(told([expired(MX1), good(MX2)])).toContain(
      'Up to about 54 % of reported sessions (google.com; some 3,000 sessions from 2026-11-20 to 2026-11-22) would have to use another MX host or address',
    )
    const tested = reports({ policyString: ['mode: testing'] })
    expect(told([expired(MX1)], tested, 'testing')).toContain(
      'would be delivered and reported as failed only.',
    )
  })

  it.each([
    [1, 1_000, 'Less than 1 % of'],
    [15, 985, 'About 2 % of'],
    [2, 98, 'Less than 5 % of'],
    [54, 46, 'About 55 % of'],
    [99, 1, 'More than 95 % of'],
    [9_999, 1, 'More than 99 % of'],
    [100, 0, 'All of'],
  ])('%i of %i more is rounded', (google, others, words) => {
    const policies = [1, 2, 3].flatMap((days) => [
      said({ dayAt: daysAgo(days), of: google }),
      said({ dayAt: daysAgo(days), of: others, reporter: MICROSOFT, policyType: 'no-policy-found' }),
    ])
    expect(told([expired(MX1)], policies)).toContain(words)
  })

  it('says nothing where an earlier version remembered nothing', () => {
    const { atRisk: _, ...older } = findingOf([expired(MX1)], reports()) ?? expect.fail()
    expect(inWords(older as Finding, { timezone: 'UTC', now: NOW }).impact).not.toContain('reported sessions')
  })
})

describe('certificates that are due', () => {
  const counts = enforcingSessions(reports(), ({ policy }) => policy.policyType === 'sts')
  const end = (domain: string, host: string, days: number) => ({
    domain: domain as DomainName,
    host,
    endsAt: NOW + days * DAY_MS,
  })

  it('of a host that domains share add up over the domains', () => {
    const risks = new Map([
      ['example.com' as DomainName, { mode: 'enforce' as const, counts }],
      [EXAMPLE_ORG, { mode: 'enforce' as const, counts }],
    ])
    const shared = certificateRisks([end('example.com', MX1, 5), end('example.org', MX1, 5)], risks)
    expect(shared.get(MX1)).toMatchObject({ effect: 'defer', sessions: 6_000, atRisk: 3_240 })
    const spared = certificateRisks(
      [end('example.com', MX1, 5), end('example.org', MX1, 5), end('example.org', MX2, 50)],
      risks,
    )
    expect(spared.get(MX1)).toMatchObject({ effect: 'defer', sessions: 3_000 })
    expect(spared.get(MX2)).toMatchObject({ effect: 'defer', sessions: 3_000 })
  })

  it('are nothing to senders without a policy, and only reported in mode testing', () => {
    const by = (mode: 'testing' | 'none') =>
      certificateRisks(
        [end('example.com', MX1, 5)],
        new Map([['example.com' as DomainName, { mode, counts }]]),
      )
    expect(by('none').size).toBe(0)
    expect(by('testing').get(MX1)?.effect).toBe('report-only')
  })

  it('are not told of when nothing is at risk', () => {
    expect(
      shareAtRisk(
        counts.map((count) => ({ ...count, atRisk: 0 })),
        'defer',
      ),
    ).toBeNull()
  })
})
