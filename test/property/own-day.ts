/** Days of probe sessions as they may ever come, for reports of our own. */

import fc from 'fast-check'
import { DAY_MS } from '../../src/lib/time.ts'
import type { CountedSession, SessionFailure, SessionPolicy } from '../../src/model/probe-session.ts'
import { type DomainName, parseDomainName } from '../../src/protocol/domain-name.ts'
import { type MailAddress, parseMailAddress } from '../../src/protocol/mail-address.ts'
import { RESULT_TYPES } from '../../src/protocol/tlsrpt/result-type.ts'
import type { ReportDay } from '../../src/submit/daily-report.ts'

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
const unicode = fc.constantFrom('bücher', 'почта', '例え', 'faß', 'ελλάδα', 'muñoz')
const anyDomain = fc
  .tuple(fc.array(fc.oneof({ weight: 4, arbitrary: label }, unicode), { minLength: 1, maxLength: 4 }), label)
  .map(([labels, last]) => parseDomainName([...labels, `x${last}`].join('.')))
  .filter((name): name is DomainName => name !== null)
/** Making names takes longest of all: most days have those of a pool. */
const domain = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...fc.sample(anyDomain, { numRuns: 40, seed: 1 })) },
  anyDomain,
)
const ip = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', '2001:db8:0:1::', '2a00:1450:4001::1b', '::1'))
/** What a server, a resolver or OpenSSL may put into a reason. */
const reason = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  // Cut somewhere within, or beside, a character of two halves.
  fc.integer({ min: 1_000, max: 1_026 }).map((length) => `${'x'.repeat(length)}${'\u{1f511}'.repeat(9)}`),
  fc.constantFrom('', '\ud83d', 'CERT_UNTRUSTED', '554 5.7.1\r\nno', '[1]', 'mx-not-in-policy'),
)
/** Whatever a policy host serves, one line each. */
const policyLine = fc.oneof(
  fc.constantFrom(
    'version: STSv1',
    'mode: enforce',
    'mx: *.example.com',
    'max_age: 604800',
    '',
    ' ',
    '\r',
    'mode: enforce\rmx: a.example',
    '["mx: a", "mx: b"]',
    '[]',
    '3 1 1 ab;3 1 1 cd',
    'mx: \ud83d',
  ),
  fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\n', '')),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\n', '')),
  fc.integer({ min: 1_000, max: 1_026 }).map((length) => `${'y'.repeat(length)}${'\u{1f4e7}'.repeat(9)}`),
)
const tlsa = fc
  .tuple(fc.nat(3), fc.nat(1), fc.nat(2), fc.stringMatching(/^([0-9a-f]{2}){1,64}$/))
  .map((fields) => fields.join(' '))

const policy: fc.Arbitrary<SessionPolicy> = fc.oneof(
  fc.record({
    policyType: fc.constant('sts'),
    policyString: fc.oneof(
      { weight: 40, arbitrary: fc.array(policyLine, { maxLength: 5 }) },
      { weight: 1, arbitrary: fc.constant(Array.from({ length: 300 }, (_, n) => `mx: mx${n}.example.com`)) },
    ),
    policyDomain: domain,
    mxHostPatterns: fc.array(
      fc.tuple(fc.boolean(), domain).map(([any, name]) => (any ? `*.${name}` : name)),
      { maxLength: 4 },
    ),
  }),
  fc.record({
    policyType: fc.constant('tlsa'),
    policyString: fc.array(tlsa, { maxLength: 3 }),
    policyDomain: domain,
    mxHostPatterns: fc.constant([]),
  }),
  fc.record({
    policyType: fc.constant('no-policy-found'),
    policyString: fc.constant([]),
    policyDomain: domain,
    mxHostPatterns: fc.constant([]),
  }),
)
/** RFC 8460 §4.3: a probe always says more where the type says little. */
const VAGUE: readonly string[] = ['validation-failure', 'certificate-not-trusted']
const failure: fc.Arbitrary<SessionFailure> = fc
  .record({
    resultType: fc.constantFrom(...RESULT_TYPES),
    sendingMtaIp: fc.option(ip),
    receivingMxHostname: fc.option(domain),
    receivingIp: fc.option(ip),
    reasonCode: fc.option(reason),
  })
  .map((one) => (VAGUE.includes(one.resultType) ? { ...one, reasonCode: one.reasonCode || 'why' } : one))
// Together within what numbers can count.
const sessions = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 40 }))
const day = fc.integer({ min: 0, max: 40_000 }).map((days) => days * DAY_MS)
const organizationName = fc.oneof(
  fc.constantFrom(
    'Bücher & Söhne GmbH',
    'ООО «Почта»'.replace(/[«»]/g, "'"),
    '株式会社例',
    'Example Networks',
    'A',
  ),
  fc.stringMatching(/^[\p{L}\p{N}][\p{L}\p{N} .,&()'/-]{0,99}$/u),
)
const contact = domain
  .map((name) => parseMailAddress(`tls-reports@${name}`))
  .filter((one): one is MailAddress => one !== null)

function ownDayOf(fewestWays: number, mostWays: number) {
  return fc
    .record({
      about: domain,
      dayAt: day,
      organizationName,
      contact,
      policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
      // A session does not fail twice in the same way.
      failures: fc.array(fc.uniqueArray(failure, { maxLength: 3, selector: JSON.stringify }), {
        minLength: fewestWays,
        maxLength: mostWays,
        size: 'max',
      }),
      counts: fc.array(sessions, { minLength: 12, maxLength: 12 }),
    })
    .map(({ about, dayAt, policies, failures, counts, ...author }) => ({
      day: { domain: about, dayAt } satisfies ReportDay,
      author,
      submitter: author.contact.slice(author.contact.indexOf('@') + 1) as DomainName,
      sessions: policies.flatMap((one, p) =>
        failures.map(
          (list, f): CountedSession => ({ policy: one, failures: list, sessions: counts[(p + f) % 12] ?? 1 }),
        ),
      ),
    }))
}

/** A day of probe sessions; one in five hundred has hundreds of hosts and failures. */
export const ownDay = fc.oneof(
  { weight: 499, arbitrary: ownDayOf(1, 4) },
  { weight: 1, arbitrary: ownDayOf(100, 300) },
)
export type OwnDay = ReturnType<typeof ownDayOf> extends fc.Arbitrary<infer T> ? T : never
