import { display } from '../lib/display.ts'
import type { Description } from '../model/description.ts'
import type { FindingCode } from '../model/finding.ts'
import { describeReportedFailures } from './describe-reported-failures.ts'
import { daysText, reportDay } from './reported-words.ts'
import { durationText } from './text-time.ts'
import type { DescribeContext } from './words.ts'
import {
  code,
  type Describers,
  type FindingOf,
  hostName,
  instant,
  nameList,
  newId,
  plural,
  policyUrl,
  quotedList,
  stsRecordLine,
  text,
} from './words.ts'

type ReportedCode = Extract<FindingCode, `tlsrpt.reported.${string}` | `tlsrpt.reporter.${string}`>

/** What senders' TLS reports say, in words. */
export const REPORTED_WORDS: Describers<ReportedCode> = {
  'tlsrpt.reported.failures': describeReportedFailures,

  'tlsrpt.reported.unknown-address': ({ evidence }) => ({
    title: `Senders met MX ${hostName(evidence.mx)} at ${display(evidence.address, 45)}, which is none of its addresses`,
    seen: `${plural(evidence.failedSessions, 'session')} of ${nameList(evidence.reporters, 3)} failed there ${daysText(evidence)}. Every address this host was ever seen to have: ${addressList(evidence.knownAddresses)}.`,
    impact:
      'Either these senders follow stale DNS, or somebody between them and the host takes their connections.',
    remedy: [
      text('Find out whose address it is, and whether all name servers of the zone answer alike:'),
      code(`whois ${display(evidence.address, 45)}`),
      code(`dig +trace ${evidence.mx} ${evidence.address.includes(':') ? 'AAAA' : 'A'}`),
      text('If it is yours, an earlier address or a forwarder, let senders find the current one.'),
    ],
    rfc: 'RFC 8460 §4.3',
  }),

  'tlsrpt.reported.outdated-policy': outdatedPolicy,

  'tlsrpt.reporter.silent': ({ evidence }) => ({
    title: `No TLS report from ${hostName(evidence.reporter)} since that for ${reportDay(evidence.lastDayAt)}`,
    seen: `It reported on ${evidence.days} of ${plural(evidence.ofDays, 'day')} before; reports of others arrive, or the mailbox is read.`,
    impact: 'Mail is not affected. If the sender still has mail for the domain, its reports get lost.',
    remedy: [
      text('See that the rua address of the record takes mail, and that no filter holds these mails back:'),
      code('stswatch reports senders'),
    ],
    rfc: 'RFC 8460 §4.2',
  }),
}

function outdatedPolicy(
  { domain, evidence }: FindingOf<'tlsrpt.reported.outdated-policy'>,
  context: DescribeContext,
): Description {
  const { reporter, dayAt, applied, replaced, refused } = evidence
  const late = replaced === null ? '' : ` ${durationText(dayAt - replaced.at)} after it was replaced`
  const policy = `mode ${applied.mode}, max_age ${applied.maxAgeSeconds}, mx ${quotedList(applied.mxPatterns)}`
  return {
    title:
      replaced === null
        ? `The sender ${hostName(reporter)} applied a policy that was never seen being served`
        : `The sender ${hostName(reporter)} still applied an old policy${late}`,
    seen: `On ${reportDay(dayAt)} it applied: ${policy}. ${
      replaced === null
        ? 'No look of ours saw this text, and copies of one from before would have ended.'
        : `That text was replaced at ${instant(replaced.at, context)}; copies of it should end at ${instant(replaced.horizonAt, context)}.`
    }`,
    impact:
      refused.length > 0
        ? `It does not deliver to ${nameList(refused)}, which that text does not cover (mode enforce).`
        : 'What this sender verifies is not what you publish.',
    remedy: [
      text(`Give the record a new id, so that the sender fetches ${policyUrl(domain)} again:`),
      stsRecordLine(domain, newId(context.now)),
      ...(refused.length > 0
        ? [text('Until it does, keep an MX host that the old text covers.')]
        : [text('If the text is not yours at all, see who else answers for the policy host.')]),
    ],
    rfc: 'RFC 8461 §5.1',
  }
}

function addressList(addresses: readonly string[]): string {
  return (
    addresses
      .slice(0, 8)
      .map((one) => display(one, 45))
      .join(', ') || 'none'
  )
}
