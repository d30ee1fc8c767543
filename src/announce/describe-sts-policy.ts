import { display } from '../lib/display.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { FetchFailureCause } from '../model/evidence/sts-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import { durationText } from './text-time.ts'
import {
  addressLines,
  code,
  type DescribeContext,
  type Describers,
  type FindingOf,
  holders,
  newId,
  policyUrl,
  problemLines,
  readerLines,
  share,
  stsRecordLine,
  text,
} from './words.ts'

type FetchAndText = Extract<
  FindingCode,
  | 'mta-sts.policy.unfetchable'
  | 'mta-sts.policy.invalid'
  | 'mta-sts.policy.questionable'
  | 'mta-sts.policy.differs-by-address'
  | 'mta-sts.policy.max-age-short'
  | 'mta-sts.policy.max-age-long'
  | 'mta-sts.policy.mode-weaker'
>

/** The policy file in words: fetching it, its text, its mode. */
export const STS_POLICY_WORDS: Describers<FetchAndText> = {
  'mta-sts.policy.unfetchable': unfetchable,

  'mta-sts.policy.invalid': ({ domain, evidence }, context) => ({
    title: 'The MTA-STS policy is invalid: senders refuse it',
    seen: `A valid policy was expected at ${policyUrl(domain)}. ${problemLines(evidence.problems)}${readerLines(evidence)}`,
    impact: holders(null, evidence.cachedUntil, context),
    remedy: [
      text('Correct the lines named above, then publish a new id so that senders look again:'),
      stsRecordLine(domain, newId(context.now)),
    ],
    rfc: evidence.problems[0]?.rfc ?? 'RFC 8461 §3.2',
  }),

  'mta-sts.policy.questionable': ({ domain, evidence }, context) => ({
    title: 'Some senders misread or refuse the MTA-STS policy',
    seen: `The policy is valid, but read in different ways. ${problemLines(evidence.problems)}${readerLines(evidence)}`,
    impact: 'Senders that refuse it act as if there were no policy and deliver without verified TLS.',
    remedy: [
      text(`Correct ${policyUrl(domain)} as said above, then publish a new id:`),
      stsRecordLine(domain, newId(context.now)),
    ],
    rfc: evidence.problems[0]?.rfc ?? 'RFC 8461 §3.2',
  }),

  'mta-sts.policy.differs-by-address': ({ domain, evidence }, context) => ({
    title: 'The policy host serves different policies at different addresses',
    seen: `${evidence.variants
      .map(({ addresses, summary }) => `${addresses.join(', ')}: ${display(summary, 512)}`)
      .join('; ')}.`,
    impact:
      'Which policy a sender gets, and then keeps, depends on the address it happens to ask: some will refuse what others accept.',
    remedy: [
      text('Serve the same file at every address, then publish a new id so that everybody fetches it:'),
      stsRecordLine(domain, newId(context.now)),
    ],
    rfc: 'RFC 8461 §3.3',
  }),

  'mta-sts.policy.max-age-short': ({ domain, evidence }, context) => ({
    title: `The policy's max_age is short (${durationText(evidence.maxAgeSeconds * SECOND_MS)})`,
    seen: `max_age is ${evidence.maxAgeSeconds} seconds; weeks are expected.`,
    impact:
      evidence.maxAgeSeconds < 86_400
        ? 'Under one day some senders ignore the policy, and copies end before most senders write again: protection has holes.'
        : 'If the policy host fails for longer than this, senders are left without a policy, and so is a mail that is attacked meanwhile.',
    remedy: [
      text(`When all works, change the line in ${policyUrl(domain)} to`),
      code('max_age: 1209600'),
      text('and publish a new id:'),
      stsRecordLine(domain, newId(context.now)),
    ],
    rfc: 'RFC 8461 §10.2',
  }),

  'mta-sts.policy.max-age-long': ({ domain, evidence }, context) => ({
    title: "The policy's max_age is above the maximum",
    seen: `max_age is ${evidence.maxAgeSeconds} seconds; the maximum is 31557600 (one year).`,
    impact:
      'Some senders refuse the whole policy for this and deliver without verified TLS; others cut it to one year.',
    remedy: [
      text(`Change the line in ${policyUrl(domain)} to`),
      code('max_age: 31557600'),
      text('or less, and publish a new id:'),
      stsRecordLine(domain, newId(context.now)),
    ],
    rfc: 'RFC 8461 §3.2',
  }),

  'mta-sts.policy.mode-weaker': ({ domain, evidence }, context) => ({
    title: `The policy is in mode ${evidence.mode}, ${evidence.expected} was expected`,
    seen: `${policyUrl(domain)} says mode ${evidence.mode}; this watch expects ${evidence.expected}.`,
    impact:
      evidence.mode === 'testing'
        ? 'Senders deliver even when TLS cannot be verified: failures are reported, mail is not protected.'
        : 'Senders treat the domain as if it had no policy: mail is not protected and failures are not reported.',
    remedy: [
      text(`If this is not on purpose, change the line in ${policyUrl(domain)} to`),
      code(`mode: ${evidence.expected}`),
      text('and publish a new id:'),
      stsRecordLine(domain, newId(context.now)),
      text('If it is, set `expect` for this domain in watch.yaml.'),
    ],
    rfc: 'RFC 8461 §5',
  }),
}

function unfetchable(
  { domain, evidence }: FindingOf<'mta-sts.policy.unfetchable'>,
  context: DescribeContext,
): Description {
  const { cause, failures, of, mode, cachedUntil, policyHost } = evidence
  const where = share(failures.length, of)
  const isPartial = failures.length > 0 && failures.length < of
  return {
    title: `The MTA-STS policy cannot be fetched${where}: ${CAUSES[cause]}`,
    seen:
      cause === 'no-address'
        ? `${policyHost} should have an address; the DNS says that there is neither A nor AAAA.`
        : `GET ${policyUrl(domain)} should answer 200 with text/plain. ${addressLines(failures)}.`,
    impact: isPartial
      ? 'Senders that choose one of these addresses get no policy, or cannot renew the copy they hold.'
      : holders(mode, cachedUntil, context),
    remedy: fetchRemedy(cause, domain),
    rfc: 'RFC 8461 §3.3',
  }
}

const CAUSES: Readonly<Record<FetchFailureCause, string>> = {
  'no-address': 'the policy host has no address',
  connect: 'no connection',
  timeout: 'no answer in time',
  tls: 'the TLS handshake fails',
  redirect: 'it redirects, which senders do not follow',
  status: 'another status than 200',
  'media-type': 'it is not text/plain',
  'too-large': 'more than 64 KiB',
  'content-encoding': 'it is compressed',
  malformed: 'the answer is no HTTP',
}

function fetchRemedy(
  cause: FetchFailureCause,
  domain: FindingOf<FindingCode>['domain'],
): readonly RemedyLine[] {
  const url = policyUrl(domain)
  const check = [text('Then look at it as a sender would:'), code(`curl -v --max-redirs 0 ${url}`)]
  switch (cause) {
    case 'no-address':
      return [
        text('Publish an address for the policy host, for example'),
        code(`mta-sts.${domain}. CNAME <your web server>.`),
      ]
    case 'connect':
    case 'timeout':
      return [
        text(
          'See that the web server runs and that port 443 is open at every A and AAAA address; remove addresses that are dead.',
        ),
        ...check,
      ]
    case 'tls':
      return [
        text(`Let the web server offer TLS 1.2 or newer for the name mta-sts.${domain} (SNI).`),
        ...check,
      ]
    case 'redirect':
      return [text(`Serve the file at exactly ${url}, without any redirect.`), ...check]
    case 'status':
      return [
        text(`Serve the file at exactly ${url}, to everybody, without login or bot protection.`),
        ...check,
      ]
    case 'media-type':
      return [text('Serve the file with the header'), code('Content-Type: text/plain'), ...check]
    case 'too-large':
      return [text('The policy is a few lines; check which file is served.'), ...check]
    case 'content-encoding':
      return [text('Switch compression off for this file: senders do not ask for it.'), ...check]
    case 'malformed':
      return [text('Check what listens on port 443.'), ...check]
  }
}
