import { describe, expect, it } from 'vitest'
import { describe as inWords } from '../../../src/announce/describe.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { Description } from '../../../src/model/description.ts'
import type { DaneStanding } from '../../../src/model/evidence/evidence-parts.ts'
import type { Finding } from '../../../src/model/finding.ts'
import { FINDING_CODES } from '../../../src/model/finding-codes.ts'
import type { OwnView, ReportedFailure } from '../../../src/model/report-window.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { NOW } from '../check/snapshot-builder.ts'
import { SAMPLE_FINDINGS, sampleOf } from './sample-findings.ts'

const CONTEXT = { timezone: 'UTC', now: NOW }

function all({ title, seen, impact, remedy, rfc }: Description): readonly string[] {
  return [title, seen, ...(impact === null ? [] : [impact]), ...remedy.map((line) => line.text), rfc]
}

const REPORTED: ReportedFailure = {
  resultType: 'certificate-expired',
  mx: 'mx1.example.com',
  firstDayAt: Date.UTC(2026, 10, 21),
  lastDayAt: Date.UTC(2026, 10, 22),
  reporters: [
    {
      reporter: 'google.com' as DomainName,
      organization: 'Google Inc.',
      failedSessions: 12,
      ofSessions: 340,
      known: true,
    },
    {
      reporter: 'evil.example' as DomainName,
      organization: null,
      failedSessions: 1,
      ofSessions: 1,
      known: false,
    },
  ],
  receivingIps: [],
  sendingMtaIps: [],
  reasonCodes: [],
  ownView: 'confirmed',
}

function codeLines({ remedy }: Description): readonly string[] {
  return remedy.flatMap((line) => (line.kind === 'code' ? [line.text] : []))
}

describe('every finding', () => {
  it('has a sample here', () => {
    const shown = new Set(SAMPLE_FINDINGS.map((finding) => finding.code))
    expect(FINDING_CODES.filter((code) => !shown.has(code))).toEqual([])
  })

  it.each(SAMPLE_FINDINGS.map((finding, index) => [index, finding] as const))(
    'is told in whole sentences and with something to do (%#)',
    (_, finding) => {
      const words = inWords(finding, CONTEXT)
      expect(words.title).toMatch(/^[A-Z0-9].{10,140}[^.:;]$/)
      expect(words.seen).toMatch(/[.;]$/)
      expect(words.impact ?? 'None.').toMatch(/[^.]\.$/)
      expect(words.remedy.length).toBeGreaterThan(0)
      expect(words.rfc).toMatch(/^(RFC \d+ §[\d.]+|about this monitor)$/)
      expect(all(words).filter((line) => /undefined|null,|NaN|\[object|\.\.$|\$\{/.test(line))).toEqual([])
    },
  )

  it.each(SAMPLE_FINDINGS.map((finding, index) => [index, finding] as const))(
    'lets no terminal or bidi control through (%#)',
    (_, finding) => {
      const hostile = poisoned(finding)
      for (const line of all(inWords(hostile, CONTEXT))) {
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      }
    },
  )
})

it.each([
  ['system', 'dig example.com MX'],
  ['192.0.2.53:53', 'dig @192.0.2.53 example.com MX'],
  ['192.0.2.53:5353', 'dig @192.0.2.53 -p 5353 example.com MX'],
  ['2001:db8::53:5353', 'dig @2001:db8::53 -p 5353 example.com MX'],
])('a monitor that is blind with the resolver %s says how to ask it', (resolver, command) => {
  const blind = sampleOf('monitor.dns.blind')
  const evidence = { ...blind.evidence, resolvers: [resolver] }
  expect(codeLines(inWords({ ...blind, evidence }, CONTEXT))).toEqual([command])
})

/** The same finding with an escape sequence in every text of its evidence. */
function poisoned(finding: Finding): Finding {
  const json = JSON.stringify(finding.evidence, (key, value: unknown) =>
    typeof value === 'string' && !FIXED.has(key) && !FIXED_VALUES.has(value)
      ? `${value}\u001b[31m\u202e`
      : value,
  )
  return { ...finding, evidence: JSON.parse(json) } as Finding
}

/** Our own words, not the world's. */
const FIXED = new Set(['mode', 'cause', 'aspect', 'why', 'kind', 'expected', 'ownView', 'because'])
const FIXED_VALUES = new Set(['mta-sts', 'tlsrpt'])

describe('the words', () => {
  it('name the uncovered MX, who refuses it, until when, and the two lines to publish', () => {
    const words = inWords(sampleOf('mta-sts.policy.mx-uncovered'), CONTEXT)
    expect(words).toMatchObject({
      title: 'MX mx2.example.com is not covered by the MTA-STS policy (mode enforce)',
      seen: "mx2.example.com is a live MX host, but none of the policy's mx lines matches it: mx1.example.com.",
      impact:
        'Senders that honour MTA-STS do not deliver to this host (mode enforce): they try another one, and keep the mail in their queue when there is none. Cached copies of this policy live until 2026-12-07 14:05 UTC.',
      rfc: 'RFC 8461 §4.1',
    })
    expect(codeLines(words)).toEqual([
      'mx: mx2.example.com',
      '_mta-sts.example.com. TXT "v=STSv1; id=20261123T140500Z"',
    ])
  })

  it('explain why a wildcard does not match', () => {
    const wildcard = SAMPLE_FINDINGS.find((one) => one.subject === 'a.b.example.com')
    expect(wildcard && inWords(wildcard, CONTEXT).seen).toContain(
      '*.example.com covers one label; a.b.example.com has 2 before it.',
    )
  })

  it('give the difference, the horizon and the new id when only the text changed', () => {
    const words = inWords(sampleOf('mta-sts.policy.changed-without-id'), CONTEXT)
    expect(words.title).toBe('The policy text changed, the id of the record did not')
    expect(words.seen).toBe(
      'The text changed at 14:05 UTC; the record still says id=20261101T000000Z. Difference: − mx: mx3.example.com.',
    )
    expect(words.impact).toContain('until 2026-12-06 14:05 UTC at the latest.')
    expect(codeLines(words)).toEqual(['_mta-sts.example.com. TXT "v=STSv1; id=20261123T140500Z"'])
  })

  it('say that taking the record away does not switch MTA-STS off', () => {
    const held = SAMPLE_FINDINGS.find(
      (one) => one.code === 'mta-sts.record.missing' && one.severity === 'critical',
    )
    expect(held && inWords(held, CONTEXT).impact).toBe(
      'MTA-STS is not off: senders that hold a copy apply it until 2026-12-06 14:05 UTC. All others deliver without verified TLS from now on.',
    )
  })

  it('tell the redirect of the policy host, address by address', () => {
    const words = inWords(sampleOf('mta-sts.policy.unfetchable'), CONTEXT)
    expect(words.title).toBe(
      'The MTA-STS policy cannot be fetched at all 2 addresses: it redirects, which senders do not follow',
    )
    expect(words.seen).toContain(
      '192.0.2.80: answered 301 to https://www.example.com/; 192.0.2.81: answered 301 to',
    )
  })

  it('count the days of a certificate from now, in the zone of the reader', () => {
    const expiring = sampleOf('mx.certificate.expiring')
    const words = inWords(expiring, { timezone: 'Europe/Berlin', now: NOW + DAY_MS })
    expect(words.title).toBe(
      'The certificate of MX mx1.example.com ends in 4 days at all 2 addresses (mode enforce)',
    )
    expect(words.seen).toContain('It ends at 2026-11-28 15:05 CET;')
  })

  it('tell an expired certificate with its addresses and how to see it', () => {
    const words = inWords(sampleOf('mx.certificate.expired'), CONTEXT)
    expect(words.seen).toBe(
      'It ended at 2026-11-23 12:05 UTC, 2 hours ago, and is still served. Issuer CN=R11, O=Example Trust, serial 0a1b2c. Seen at 192.0.2.25, 192.0.2.26.',
    )
    expect(codeLines(words)).toEqual([
      'openssl s_client -starttls smtp -connect 192.0.2.25:25 -servername mx1.example.com </dev/null',
    ])
  })

  it('say what senders saw, what we saw, and what that means', () => {
    const words = inWords(sampleOf('tlsrpt.reported.failures'), CONTEXT)
    expect(words).toMatchObject({
      title: 'Senders saw no STARTTLS at MX mx2.example.com (mode enforce)',
      seen: 'Reported: google.com 12 of 340 sessions, microsoft.com 12 of 340 on 2026-11-22 (starttls-not-supported). Reason given: "no luck.". Met at 198.51.100.25. Our own look at 14:05 UTC: 198.51.100.25 offers STARTTLS, certificate for mx2.example.com until 2027-01-22, trusted. We saw nothing of the kind.',
    })
    expect(codeLines(words)).toEqual([
      'openssl s_client -starttls smtp -connect mx2.example.com:25 -servername mx2.example.com </dev/null',
    ])
  })

  it.each<[OwnView, string]>([
    ['confirmed', 'We saw the same.'],
    ['fixed-since', 'We saw the same that day, and it is over.'],
    ['not-reproduced', 'We saw nothing of the kind.'],
    ['unknown', 'Whether it was so that day we cannot tell.'],
  ])('say how our own look compares: %s', (ownView, sentence) => {
    const finding = sampleOf('tlsrpt.reported.failures')
    const failure = { ...finding.evidence.failure, ownView }
    const words = inWords({ ...finding, evidence: { ...finding.evidence, failure } }, CONTEXT)
    expect(words.seen.endsWith(sentence)).toBe(true)
  })

  it('speak of DANE where DANE refuses, whatever the policy says', () => {
    const dane = SAMPLE_FINDINGS.find((one) => one.subject === 'tlsa-invalid')
    const words = dane && inWords(dane, CONTEXT)
    expect(words?.title).toBe('Senders find no TLSA record that fits the certificate of the MX hosts')
    expect(words?.impact).toContain('Senders that honour DANE do not deliver')
    expect(words && codeLines(words)).toEqual(['dig +short example.com MX'])
  })

  it.each<[DaneStanding | null, 'mx.certificate.expired' | 'mx.certificate.untrusted', string | null]>([
    [
      'by-key',
      'mx.certificate.expired',
      'Senders that do DANE deliver all the same: a TLSA record names this key',
    ],
    ['by-anchor', 'mx.certificate.expired', 'Senders that do DANE refuse it then as well'],
    [
      'by-anchor',
      'mx.certificate.untrusted',
      'Senders that do DANE deliver all the same: a TLSA record names an authority',
    ],
    ['any', 'mx.certificate.expired', 'Senders that do DANE insist on TLS and take any certificate'],
    ['refused', 'mx.certificate.expired', 'Senders that do DANE do not deliver either'],
    [null, 'mx.certificate.expired', null],
  ])('say what senders that do DANE make of a certificate: %s, %s', (dane, code, sentence) => {
    const finding = sampleOf(code)
    const words = inWords({ ...finding, evidence: { ...finding.evidence, dane } } as Finding, CONTEXT)
    if (sentence === null) expect(words.impact).not.toContain('DANE')
    else expect(words.impact).toContain(sentence)
  })

  it('say of a finding that an older version stored what that version knew', () => {
    for (const code of ['mx.certificate.expired', 'mx.starttls.missing', 'dane.tlsa.mismatch'] as const) {
      const finding = sampleOf(code)
      const { dane: _, mtaSts: __, ...older } = finding.evidence as unknown as Record<string, unknown>
      const words = inWords({ ...finding, evidence: older } as unknown as Finding, CONTEXT)
      expect(`${words.title} ${words.seen} ${words.impact}`).not.toMatch(/undefined|null/)
    }
  })

  it('say who uses which where DANE and MTA-STS disagree', () => {
    expect(inWords(sampleOf('dane.tlsa.mismatch'), CONTEXT).impact).toContain(
      'Senders that honour MTA-STS alone, like Gmail, find nothing wrong and deliver.',
    )
    expect(inWords(sampleOf('dane.sts.disagree'), CONTEXT).impact).toBe(
      'Senders that do DANE deliver (Exchange Online, and Postfix with smtp_tls_security_level = dane); those that honour MTA-STS alone, like Gmail, do not.',
    )
  })

  it('add what senders report to our own finding, in one sentence', () => {
    const finding = { ...sampleOf('mx.certificate.expired'), reported: [REPORTED] }
    expect(inWords(finding, CONTEXT).seen).toMatch(
      / Seen at 192\.0\.2\.25, 192\.0\.2\.26\. Senders report it too: google\.com 12 of 340 sessions, evil\.example \(a new reporter\) 1 of 1 from 2026-11-21 to 2026-11-22 \(certificate-expired\)\.$/,
    )
  })

  it.each(SAMPLE_FINDINGS.map((finding, index) => [index, finding] as const))(
    'let nothing hostile through in that sentence either (%#)',
    (_, finding) => {
      const hostile = { ...REPORTED, resultType: 'x\u001b]8;;\u202e' }
      const reporters = REPORTED.reporters.map((one) => ({ ...one, reporter: 'a\u001b[2J\nb' as DomainName }))
      const { seen } = inWords({ ...finding, reported: [{ ...hostile, reporters }] }, CONTEXT)
      expect(seen).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      expect(seen).toContain('Senders report it too: ')
    },
  )

  it('show international names as people write them, and publish A-labels', () => {
    const finding = sampleOf('mta-sts.policy.mx-uncovered')
    const evidence = { ...finding.evidence, mx: 'mx.xn--bcher-kva.example' }
    const words = inWords({ ...finding, evidence }, CONTEXT)
    expect(words.title).toContain('MX mx.bücher.example is not covered')
    expect(codeLines(words)[0]).toBe('mx: mx.xn--bcher-kva.example')
  })
})
