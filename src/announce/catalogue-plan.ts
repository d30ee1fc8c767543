import type { PlanEvidence } from '../model/evidence/plan-evidence.ts'
import { ABSENT, type Pages, TWICE } from './catalogue-entry.ts'

/** The pages of steps that came too early. */
export const PLAN_PAGES: Pages<keyof PlanEvidence> = {
  'mta-sts.policy.mx-not-in-held-policy': {
    summary:
      'A host became an MX while caches could still give the record of a policy in mode enforce that does not cover it.',
    severity:
      'critical until caches can give no older record any more; then warning, until the last copy has ended',
    why: 'The policy that is served covers the host, but whoever holds the one before it does not deliver there until it fetches again.',
    remedy:
      'Put the old MX records back until the copies have ended, or keep an old host among the MX hosts until then; `stswatch plan change-mx` tells when.',
    rfc: 'RFC 8461 §8.1',
    confirmation: TWICE,
  },
  'mta-sts.policy.retired-too-early': {
    summary: 'Mode none was served, but the record is gone while senders may hold a copy in mode enforce.',
    severity: 'warning',
    why: 'Senders that did not fetch mode none in time go on with their copy, and without the record they cannot learn that MTA-STS has ended.',
    remedy:
      'Serve mode none again and publish the record with the id in the alert, until the last copy has ended; `stswatch plan retire` tells when.',
    rfc: 'RFC 8461 §8.3',
    confirmation: ABSENT,
  },
}
