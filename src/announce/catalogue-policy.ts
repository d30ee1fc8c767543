import type { PlanEvidence } from '../model/evidence/plan-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import { ABSENT, BY_MODE, type Pages, THRICE, TWICE } from './catalogue-entry.ts'

/** Pages about the MTA-STS record and policy. */
export const POLICY_PAGES: Pages<Exclude<Extract<FindingCode, `mta-sts.${string}`>, keyof PlanEvidence>> = {
  'mta-sts.record.missing': {
    summary: 'There is no TXT record of MTA-STS at _mta-sts.<domain>.',
    severity:
      'critical while senders may hold a policy in mode enforce; warning when MTA-STS is expected, or a policy is served; otherwise info',
    why: 'Without the record nobody looks for the policy. Senders that hold a copy go on with it until its max_age has passed, so taking the record away does not switch MTA-STS off.',
    remedy:
      'Publish the record with a new id. To end MTA-STS, serve a policy in mode none first, and remove the record when no copy is held any more.',
    rfc: 'RFC 8461 §3.1',
    confirmation: ABSENT,
  },
  'mta-sts.record.invalid': {
    summary: 'The record is there, but breaks the grammar.',
    severity: BY_MODE,
    why: 'Senders must act as if there were no policy: new ones deliver without verified TLS.',
    remedy: 'Replace the record by the one in the alert.',
    rfc: 'RFC 8461 §3.1',
    confirmation: TWICE,
  },
  'mta-sts.record.multiple': {
    summary: 'More than one record begins with v=STSv1;.',
    severity: BY_MODE,
    why: 'Senders must then act as if there were none. Some take any one of them, so that different senders see different ids.',
    remedy: 'Delete all but the current one.',
    rfc: 'RFC 8461 §3.1',
    confirmation: TWICE,
  },
  'mta-sts.record.questionable': {
    summary: 'The record is valid, yet known senders misread it.',
    severity: 'warning when a known sending program refuses it or reads something else, otherwise info',
    why: 'A sender that stumbles over the record acts as if there were no policy.',
    remedy: 'Publish the plain form: version first, one id, nothing else.',
    rfc: 'RFC 8461 §3.1',
    confirmation: TWICE,
  },
  'mta-sts.policy.unfetchable': {
    summary: 'The policy cannot be fetched over HTTPS, at all or at some addresses of the policy host.',
    severity: `${BY_MODE}; one step lower when only some addresses fail, and warning for a wrong media type`,
    why: 'Senders without a copy deliver without verified TLS; senders with one cannot renew it.',
    remedy:
      'Serve the file at the exact address with status 200 and text/plain, without redirect, login or bot protection, at every A and AAAA address.',
    rfc: 'RFC 8461 §3.3',
    confirmation: THRICE,
  },
  'mta-sts.policy.invalid': {
    summary: 'The file is served, but is no valid policy.',
    severity: `${BY_MODE}; warning when every known sending program reads it all the same`,
    why: 'Senders refuse it and act as if it could not be fetched.',
    remedy: 'Correct the lines that the alert names, then publish a new id.',
    rfc: 'RFC 8461 §3.2',
    confirmation: TWICE,
  },
  'mta-sts.policy.questionable': {
    summary: 'The policy is valid, yet known senders refuse or misread it.',
    severity: 'warning when a known sending program refuses it or reads something else, otherwise info',
    why: 'Readers differ: a blank last line alone makes several of them refuse the policy.',
    remedy: 'Write the file in its plainest form, then publish a new id.',
    rfc: 'RFC 8461 §3.2',
    confirmation: TWICE,
  },
  'mta-sts.policy.differs-by-address': {
    summary: 'Different addresses of the policy host serve different policies.',
    severity: 'warning',
    why: 'A sender keeps whichever it happened to get, for the whole of max_age.',
    remedy: 'Serve the same file everywhere, then publish a new id.',
    rfc: 'RFC 8461 §3.3',
    confirmation: THRICE,
  },
  'mta-sts.policy.changed-without-id': {
    summary: 'The policy text changed, the id of the record did not.',
    severity: 'warning; critical when the old text, in mode enforce, does not cover a live MX host',
    why: 'The id tells senders to fetch again. Without a new one they keep the old text until its max_age has passed, and refuse hosts that only the new one names.',
    remedy: 'Publish the record with the id in the alert.',
    rfc: 'RFC 8461 §3.1',
    confirmation: TWICE,
  },
  'mta-sts.policy.id-changed-without-text': {
    summary: 'The id changed, the policy text did not.',
    severity: 'info; for a day after the change',
    why: 'Harmless by itself, but often the sign of a new policy that never reached the policy host.',
    remedy: 'See that the policy that was meant is served at every address.',
    rfc: 'RFC 8461 §3.1',
    confirmation: TWICE,
  },
  'mta-sts.policy.mx-uncovered': {
    summary: 'A live MX host matches none of the mx lines of the policy.',
    severity: 'critical in mode enforce, warning in mode testing',
    why: 'In mode enforce senders do not deliver to that host.',
    remedy: 'Add the mx line in the alert to the policy and publish the new id, or remove the MX record.',
    rfc: 'RFC 8461 §4.1',
    confirmation: TWICE,
  },
  'mta-sts.policy.pattern-unused': {
    summary: 'An mx line of the policy matches no MX host.',
    severity: 'info',
    why: 'Usually a forgotten line or a misspelt name; it lets a host take mail that is not meant to.',
    remedy:
      'Remove the line once no sender can have an old MX answer, or ignore the finding for a spare host.',
    rfc: 'RFC 8461 §4.1',
    confirmation: TWICE,
  },
  'mta-sts.policy.max-age-short': {
    summary: 'The max_age is shorter than a week (enforce) or a day (testing).',
    severity: 'warning below a day in mode enforce, otherwise info',
    why: 'Copies end soon, so that an outage or an attack on the policy host leaves senders without a policy.',
    remedy: 'Use weeks once all works, e.g. max_age: 1209600.',
    rfc: 'RFC 8461 §10.2',
    confirmation: TWICE,
  },
  'mta-sts.policy.max-age-long': {
    summary: 'The max_age is above 31557600 seconds.',
    severity: 'warning',
    why: 'Some senders refuse the policy, others cut the value.',
    remedy: 'Use 31557600 or less.',
    rfc: 'RFC 8461 §3.2',
    confirmation: TWICE,
  },
  'mta-sts.policy.mode-weaker': {
    summary: 'The policy is in a weaker mode than `expect` in watch.yaml.',
    severity: 'warning',
    why: 'The protection that is meant to be there is not.',
    remedy: 'Correct the mode and publish a new id, or correct `expect`.',
    rfc: 'RFC 8461 §5',
    confirmation: TWICE,
  },
  'mta-sts.policy.weakened': {
    summary:
      'The policy became weaker: its mode, a max_age cut by more than half, or a new wildcard mx line.',
    severity: 'warning when it was in mode enforce, otherwise info; for at most seven days',
    why: 'Whoever can change the file can take the protection away; it should not pass unseen.',
    remedy:
      'If it was not planned, put the earlier text back, publish a new id, and find out who changed it.',
    rfc: 'RFC 8461 §8.1',
    confirmation: TWICE,
  },
}
