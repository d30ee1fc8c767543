import type { PlanEvidence } from '../model/evidence/plan-evidence.ts'
import {
  code,
  type Describers,
  hostName,
  instant,
  moment,
  nameList,
  policyUrl,
  stsRecordLine,
  text,
} from './words.ts'

/** Steps of a change that came too early, in words. */
export const PLAN_WORDS: Describers<keyof PlanEvidence> = {
  'mta-sts.policy.mx-not-in-held-policy': ({ domain, evidence }, context) => {
    const { mx, patterns, joinedAt, cachedUntil, oldRecordUntil } = evidence
    const looking =
      oldRecordUntil > context.now
        ? `Until ${moment(oldRecordUntil, context)} not even a look at the record tells them of the new policy.`
        : 'Those that look at the record before they use a copy have the new policy by now; others do not.'
    return {
      title: `MX ${hostName(mx)} came before every copy of the old policy had ended`,
      seen: `${hostName(mx)} is an MX since ${moment(joinedAt, context)}. The policy served covers it, but an earlier one in mode enforce does not (${nameList(patterns)}), and copies of it live until ${instant(cachedUntil, context)}.`,
      impact: `Senders that hold such a copy do not deliver to ${hostName(mx)}: they try another host, and keep the mail in their queue when there is none. ${looking}`,
      remedy: [
        text(
          'Until then keep an MX host that the earlier policy covers, next to the new one; this shows the steps and their times:',
        ),
        code(`stswatch plan change-mx ${domain} ${mx}`),
        text('or put the old MX records back.'),
      ],
      rfc: 'RFC 8461 §8.1',
    }
  },

  'mta-sts.policy.retired-too-early': ({ domain, evidence }, context) => {
    const { patterns, cachedUntil, policyServed, suggestedId } = evidence
    return {
      title: 'MTA-STS was retired while senders hold a policy in mode enforce',
      seen: `There is no MTA-STS record any more. Mode none was served before it went, but copies of the earlier policy in mode enforce (${nameList(patterns)}) live until ${instant(cachedUntil, context)}.`,
      impact:
        'Senders that hold one go on with it, and cannot learn any more that it has ended: they refuse every host that it does not cover, and every certificate that does not verify.',
      remedy: [
        text('Publish the record again, with a new id, until the copies have ended:'),
        stsRecordLine(domain, suggestedId),
        ...(policyServed
          ? []
          : [
              text(`and serve this at ${policyUrl(domain)}:`),
              code('version: STSv1'),
              code('mode: none'),
              ...patterns.map((one) => code(`mx: ${one}`)),
              code('max_age: 86400'),
            ]),
      ],
      rfc: 'RFC 8461 §8.3',
    }
  },
}
