import {
  type Describers,
  holders,
  instant,
  newId,
  policyUrl,
  problemLines,
  quoted,
  quotedList,
  readerLines,
  stsRecordLine,
  text,
} from './words.ts'

/** The TXT record at `_mta-sts` in words. */
export const STS_RECORD_WORDS: Describers<
  | 'mta-sts.record.missing'
  | 'mta-sts.record.invalid'
  | 'mta-sts.record.multiple'
  | 'mta-sts.record.questionable'
> = {
  'mta-sts.record.missing': ({ domain, evidence }, context) => {
    const { otherRecords, policyServed, cachedUntil } = evidence
    const others =
      otherRecords.length === 0
        ? ''
        : ` The TXT records there are none of MTA-STS: ${quotedList(otherRecords)}.`
    const served = policyServed
      ? ' The policy host does serve a valid policy, but nobody will ask for it.'
      : ''
    const isHeld = cachedUntil !== null && cachedUntil > context.now
    return {
      title: isHeld
        ? 'The MTA-STS record is gone while senders still hold the policy'
        : policyServed
          ? 'There is a policy, but no MTA-STS record that leads to it'
          : 'There is no MTA-STS record',
      seen: `A TXT record at _mta-sts.${domain} was expected; the DNS says that there is none.${others}${served}`,
      impact: isHeld
        ? `MTA-STS is not off: senders that hold a copy apply it until ${instant(cachedUntil, context)}. All others deliver without verified TLS from now on.`
        : 'Senders look no further: mail to this domain is delivered without verified TLS.',
      remedy: isHeld
        ? [
            text('To keep MTA-STS, publish the record again:'),
            stsRecordLine(domain, newId(context.now)),
            text(
              'To end it, serve a policy in mode none under a new id first, and take the record away only when no copy is held any more.',
            ),
          ]
        : [
            text(
              policyServed
                ? 'Publish the record:'
                : `To have MTA-STS, serve a policy at ${policyUrl(domain)}, in mode testing first; then publish:`,
            ),
            stsRecordLine(domain, newId(context.now)),
          ],
      rfc: isHeld ? 'RFC 8461 §8.3' : 'RFC 8461 §3.1',
    }
  },

  'mta-sts.record.invalid': ({ domain, evidence }, context) => ({
    title: 'The MTA-STS record is invalid: senders ignore it',
    seen: `Published: ${quotedList(evidence.records)}. ${problemLines(evidence.problems, 'record')}${readerLines(evidence)}`,
    impact: holders(null, evidence.cachedUntil, context),
    remedy: [text('Replace the record with:'), stsRecordLine(domain, newId(context.now))],
    rfc: 'RFC 8461 §3.1',
  }),

  'mta-sts.record.multiple': ({ domain, evidence }, context) => {
    const own = evidence.records.filter((record) => record.startsWith('v=STSv1;'))
    const keep = own[0] ?? evidence.records[0] ?? ''
    return {
      title: `There are ${own.length} MTA-STS records: senders ignore them all`,
      seen: `Exactly one TXT record that begins with v=STSv1; may stand at _mta-sts.${domain}. Published: ${quotedList(evidence.records)}.`,
      impact: holders(null, evidence.cachedUntil, context),
      remedy: [
        text(`Delete all but one. If ${quoted(keep)} is the current one, delete:`),
        ...own.filter((record) => record !== keep).map((record) => text(quoted(record))),
        text('When in doubt, delete them all and publish:'),
        stsRecordLine(domain, newId(context.now)),
      ],
      rfc: 'RFC 8461 §3.1',
    }
  },

  'mta-sts.record.questionable': ({ domain, evidence }, context) => ({
    title: 'Some senders misread the MTA-STS record',
    seen: `The record is valid, but read in different ways: ${quoted(evidence.record)}. ${problemLines(evidence.problems, 'record')}${readerLines(evidence)}`,
    impact: 'Senders that stumble over it act as if there were no policy and deliver without verified TLS.',
    remedy: [text('A record that all known senders read:'), stsRecordLine(domain, newId(context.now))],
    rfc: evidence.problems[0]?.rfc ?? 'RFC 8461 §3.1',
  }),
}
