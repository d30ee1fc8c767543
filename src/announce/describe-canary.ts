import { display } from '../lib/display.ts'
import type { RemedyLine } from '../model/description.ts'
import type { Evidence, FindingCode } from '../model/finding.ts'
import { DISTRUST_WORDS } from './distrust-words.ts'
import { durationText } from './text-time.ts'
import { code, type DescribeContext, type Describers, instant, nameList, sentence, text } from './words.ts'

type CanaryCode = Extract<FindingCode, `monitor.canary.${string}`>

/** TLS reports to ourselves that did not come as they should, in words. */
export const CANARY_WORDS: Describers<CanaryCode> = {
  'monitor.canary.undelivered': ({ evidence }, context) => ({
    title: `A TLS report cannot be handed over to ${address(evidence)}`,
    seen: `A report of our own to this address was not taken. Tried since ${instant(evidence.sinceAt, context)}; what was said last: ${sentence(evidence.said)} ${lastOne(evidence, context)}`,
    impact: lost(evidence),
    remedy: [
      text(
        `See whether the address or endpoint still exists and takes reports from outside, and whether the server named above is up. If it is gone for good, name another one in the TXT record at ${evidence.domains
          .map((domain) => `_smtp._tls.${domain}`)
          .slice(0, 5)
          .join(', ')}.`,
      ),
      ...again(),
    ],
    rfc: 'RFC 8460 §3',
  }),
  'monitor.canary.missing': ({ evidence }, context) => ({
    title: `A TLS report to ${address(evidence)} did not arrive`,
    seen: `A report of our own was taken at ${instant(evidence.sentAt, context)} by ${sentence(evidence.hop)} ${durationText(evidence.limitMs)} later it was not in the mailbox, which was read since. ${lastOne(evidence, context)}`,
    impact: lost(evidence),
    remedy: [
      text(
        'Follow it from the server that took it, by its Report-ID, and look into the spam folder and the filters of the mailbox: a filter may sort reports away, unpack their attachment, or the address may lead to another mailbox than the one that is read (`mailbox.folder` in watch.yaml).',
      ),
      code(`Report-ID: ${evidence.reportId}`),
      ...again(),
    ],
    rfc: 'RFC 8460 §3',
  }),
  'monitor.canary.unverified': ({ evidence }, context) => ({
    title: `A TLS report to ${address(evidence)} arrived, and its signature does not count`,
    seen: `${DISTRUST_WORDS[evidence.because].reason} In detail: ${sentence(evidence.detail)} It was taken at ${instant(evidence.sentAt, context)} by ${sentence(evidence.hop)}`,
    impact:
      'The reports of others come the same way: those whose signatures suffer as well are put into quarantine and do not count.',
    remedy: [text(DISTRUST_WORDS[evidence.because].remedy), ...again()],
    rfc: 'RFC 8460 §3',
  }),
  'monitor.canary.slow': ({ evidence }, context) => ({
    title: `A TLS report to ${address(evidence)} took ${durationText(evidence.tookMs)}`,
    seen: `A report of our own was taken at ${instant(evidence.sentAt, context)} by ${sentence(evidence.hop)} It reached the mailbox ${durationText(evidence.tookMs)} later; expected: within ${durationText(evidence.limitMs)}.`,
    impact: 'Failures that others report are told as much later.',
    remedy: [
      text(
        'See in the Received fields of the mail which server kept it for so long: a greylist, a queue or a scanner.',
      ),
      ...again(),
    ],
    rfc: 'about this monitor',
  }),
}

type Parts = Evidence['monitor.canary.missing'] | Evidence['monitor.canary.undelivered']

function address({ rua }: { readonly rua: string }): string {
  return display(rua, 120)
}

function lost({ domains }: Parts): string {
  return `Most likely the TLS reports of others about ${nameList(domains)} do not reach you by this address either: what they see failing is not told.`
}

function lastOne({ lastArrivedAt }: Parts, context: DescribeContext): string {
  return lastArrivedAt === null
    ? 'None has arrived so far.'
    : `The last one that arrived came at ${instant(lastArrivedAt, context)}.`
}

function again(): readonly RemedyLine[] {
  return [text('Then try the way again:'), code('stswatch report canary --now')]
}
