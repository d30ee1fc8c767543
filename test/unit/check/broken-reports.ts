import { DAY_MS } from '../../../src/lib/time.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { RESULT_TYPES } from '../../../src/protocol/tlsrpt/result-type.ts'
import { type BrokenDomain, version } from './broken.ts'
import { daysAgo, GOOGLE, MICROSOFT, reportWindow, said } from './report-builder.ts'
import { healthy, MX1, MX2, NOW, policyBody } from './snapshot-builder.ts'

/** What senders can say of a domain that looks healthy from here. */

const OLD_TEXT = policyBody({ mx: [MX1], maxAge: 86_400 })
/** Replaced eleven days ago by the one that is served. */
const REPLACED = [
  version(policyBody(), {
    firstSeenAt: NOW - 11 * DAY_MS,
    lastSeenAt: NOW - 60_000,
    recordId: '20261101T000000Z',
  }),
  version(OLD_TEXT, {
    firstSeenAt: NOW - 60 * DAY_MS,
    lastSeenAt: NOW - 11 * DAY_MS,
    recordId: '20260901T000000Z',
  }),
]
const STRANGE_HOST = 'odd.example.com' as DomainName

function lines(body: string): readonly string[] {
  return body.split('\r\n').filter((line) => line !== '')
}

function fromBoth(edit: Parameters<typeof said>[0]) {
  return [said(edit), said({ ...edit, reporter: MICROSOFT })]
}

export const BROKEN_REPORTS: readonly BrokenDomain[] = [
  ...[...RESULT_TYPES, 'a-new-type', null].map((resultType): BrokenDomain => {
    const isOfPolicy = resultType?.startsWith('sts-') === true
    const isCertain = /^(?:sts|tlsa|certificate)-/.test(resultType ?? '')
    return {
      name: `two senders report ${resultType}`,
      snapshot: healthy(),
      context: {
        reports: reportWindow(
          fromBoth({
            resultType,
            mx: isOfPolicy ? null : MX2,
            failed: 12,
            of: 340,
            detail: { failureReasonCode: 'no luck.', receivingIp: '198.51.100.25' },
          }),
        ),
      },
      findings: [
        `${isCertain ? 'critical' : 'warning'} tlsrpt.reported.failures ${resultType ?? 'unspecified'}${isOfPolicy ? '' : ` ${MX2}`}`,
      ],
    }
  }),
  {
    name: 'senders name no host, under DANE',
    snapshot: healthy(),
    context: {
      reports: reportWindow(
        fromBoth({ resultType: 'tlsa-invalid', mx: null, policyType: 'tlsa', failed: 50 }),
      ),
    },
    findings: ['critical tlsrpt.reported.failures tlsa-invalid'],
  },
  {
    name: 'a sender met a host elsewhere',
    snapshot: healthy(),
    context: {
      reports: reportWindow([said({ failed: 2, detail: { receivingIp: '9.9.9.9' } })], {
        hostAddresses: new Map([
          [MX2, [{ address: '198.51.100.25', firstSeenAt: daysAgo(40) }]],
          [STRANGE_HOST, []],
        ]),
      }),
    },
    findings: [`warning tlsrpt.reported.unknown-address ${MX2} 9.9.9.9`],
  },
  {
    name: 'a sender applies an old text that refuses a host',
    snapshot: healthy(),
    context: { versions: REPLACED, reports: reportWindow([said({ policyString: lines(OLD_TEXT) })]) },
    findings: [`warning tlsrpt.reported.outdated-policy ${GOOGLE}`],
  },
  {
    name: 'a sender applies a text that nobody served',
    snapshot: healthy(),
    context: {
      versions: REPLACED,
      reports: reportWindow([said({ policyString: lines(policyBody({ mode: 'testing', maxAge: 90_000 })) })]),
    },
    findings: [`info tlsrpt.reported.outdated-policy ${GOOGLE}`],
  },
  {
    name: 'a daily sender stops',
    snapshot: healthy(),
    context: {
      reports: reportWindow(Array.from({ length: 14 }, (_, n) => said({ dayAt: daysAgo(n + 5) }))),
    },
    findings: [`info tlsrpt.reporter.silent ${GOOGLE}`],
  },
]
