import { display } from '../lib/display.ts'
import type { Description, RemedyLine } from '../model/description.ts'
import type { FindingCode } from '../model/finding.ts'
import { durationText } from './text-time.ts'
import {
  code,
  type DescribeContext,
  type Describers,
  type FindingOf,
  hostName,
  instant,
  moment,
  nameList,
  share,
  text,
} from './words.ts'

/** Steps of a change of keys that were taken out of order, in words. */
export const ROLLOVER_WORDS: Describers<Extract<FindingCode, `dane.rollover.${string}`>> = {
  'dane.rollover.too-early': tooEarly,
  'dane.rollover.old-record-gone-early': goneEarly,
  'dane.rollover.stalled': stalled,
}

function tooEarly(finding: FindingOf<'dane.rollover.too-early'>, context: DescribeContext): Description {
  const { evidence } = finding
  const { host, source, addresses, of, record, refusedUntil } = evidence
  const until = refusedUntil === null ? 'as long as this lasts' : `until ${instant(refusedUntil, context)}`
  const isOver = refusedUntil !== null && refusedUntil <= context.now
  return {
    title: `MX ${hostName(host)} presents its next key too early${share(addresses.length, of)}`,
    seen: `${tooEarlySeen(evidence, context)} The key of ${display(source)} is presented at ${addresses.join(', ')}.`,
    impact: isOver
      ? 'Nobody, when resolvers keep to the TTL; it is the margin that has not passed yet.'
      : `Senders that verify by DANE and know only the records of before refuse the host ${until}: they try another one, and keep the mail in their queue when there is none.`,
    remedy: [
      ...(evidence.why === 'cached'
        ? []
        : [text('Publish the record at every server of the zone:'), code(record)]),
      text(
        'Install the old key and certificate again, and reload the server, until stswatch says that the new one is safe.',
      ),
      ...lookUp(host),
    ],
    rfc: 'RFC 7671 §8.1',
  }
}

function tooEarlySeen(
  { why, lacking, publishedAt }: FindingOf<'dane.rollover.too-early'>['evidence'],
  context: DescribeContext,
): string {
  switch (why) {
    case 'missing':
      return 'The TLSA record of the new key must be published and older than two TTLs before the key is used; there is none.'
    case 'not-everywhere':
      return `The TLSA record of the new key must be at every server of the zone before the key is used; it is missing at ${nameList(lacking)}.`
    case 'cached':
      return `The TLSA record of the new key was first seen at ${publishedAt === null ? 'the last look' : moment(publishedAt, context)}; resolvers may still hold the records of before.`
  }
}

function goneEarly(
  { evidence }: FindingOf<'dane.rollover.old-record-gone-early'>,
  context: DescribeContext,
): Description {
  const { host, source, addresses, of, record, safeAt } = evidence
  const installation =
    safeAt === null
      ? 'Do not install the new key instead yet: its record is not at every server.'
      : safeAt <= context.now
        ? `Or install the key of ${display(source)} there now: its record is old enough.`
        : `Do not install the new key instead before ${instant(safeAt, context)}.`
  return {
    title: `The TLSA record of the key that MX ${hostName(host)} still presents is gone${share(addresses.length, of)}`,
    seen: `A TLSA record of the key in use was expected beside the one of the next key; no record fits what ${addresses.join(', ')} presents.`,
    impact:
      'Senders that verify by DANE refuse the host at these addresses: they try another one, and keep the mail in their queue when there is none.',
    remedy: [text('Publish the record again:'), code(record), text(installation), ...lookUp(host)],
    rfc: 'RFC 7671 §8.1',
  }
}

function stalled({ evidence }: FindingOf<'dane.rollover.stalled'>, context: DescribeContext): Description {
  const { host, source, why, at, oldRecords } = evidence
  const past = durationText(context.now - at)
  const common = { impact: null, rfc: 'RFC 7671 §8.1' }
  switch (why) {
    case 'not-installed':
      return {
        ...common,
        title: `The next key of MX ${hostName(host)} waits to be installed`,
        seen: `The TLSA record of ${display(source)} has been published for ${past}, and not every address presents the key.`,
        remedy: [
          text(
            'Install the key and its certificate and reload the server; it has been safe for long. Or give the change up: remove its TLSA record and take the host out of `hosts:` in watch.yaml.',
          ),
        ],
      }
    case 'old-record':
      return {
        ...common,
        title: `The TLSA record of the old key of MX ${hostName(host)} can go`,
        seen: `Every address has presented the key of ${display(source)} for ${past}.`,
        remedy: [
          text('Remove what nobody presents any more, and take the host out of `hosts:` in watch.yaml:'),
          ...oldRecords.map((record) => code(`_25._tcp.${host}. IN TLSA ${display(record)}`)),
        ],
      }
    case 'certificate-ends': {
      const end = at <= context.now ? `ended at ${instant(at, context)}` : `ends at ${instant(at, context)}`
      return {
        ...common,
        title: `The staged certificate of MX ${hostName(host)} ${at <= context.now ? 'has ended' : 'ends'} before it is installed`,
        seen: `The certificate in ${display(source)} ${end}, and not every address presents it.`,
        remedy: [
          text('Have a new one issued for the same key (its TLSA record stays right), and put it there:'),
          code(`next_cert: ${display(source)}`),
        ],
      }
    }
  }
}

function lookUp(host: string): readonly RemedyLine[] {
  return [text('What is published now:'), code(`dig +dnssec _25._tcp.${host} TLSA`)]
}
