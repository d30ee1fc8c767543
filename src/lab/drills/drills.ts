import type { Drill } from './drill.ts'
import { CERTIFICATE_DRILLS } from './drill-certificates.ts'
import { DNSSEC_DRILLS } from './drill-dnssec.ts'
import { FACE_DRILLS } from './drill-faces.ts'
import { MAIL_HOST_DRILLS } from './drill-mail-hosts.ts'
import { NAME_SERVER_DRILLS } from './drill-name-servers.ts'
import { PLAN_DRILLS } from './drill-plan.ts'
import { POLICY_DRILLS } from './drill-policies.ts'
import { RECORD_DRILLS } from './drill-records.ts'
import { ROLLOVER_DRILLS } from './drill-rollover.ts'

/** Every drill there is. */
export const DRILLS: readonly Drill[] = [
  ...RECORD_DRILLS,
  ...POLICY_DRILLS,
  ...CERTIFICATE_DRILLS,
  ...FACE_DRILLS,
  ...MAIL_HOST_DRILLS,
  ...PLAN_DRILLS,
  ...ROLLOVER_DRILLS,
  ...NAME_SERVER_DRILLS,
  ...DNSSEC_DRILLS,
]
