import { editDomain, mailHost } from '../build-world.ts'
import type { World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, withDomain, withPolicy } from './drill.ts'

const MX1 = `mx1.${DRILL_DOMAIN}`
const MX2 = `mx2.${DRILL_DOMAIN}`
const STS_LINE = `_mta-sts.${DRILL_DOMAIN}. TXT "v=STSv1; id=`

/** Steps of a change that come while senders hold copies of a policy that they do not suit. */
export const PLAN_DRILLS: readonly Drill[] = [
  drill({
    name: 'mx-before-copies-ended',
    title: 'A new mail host joins in the minute in which the policy learns of it',
    finding: 'mta-sts.policy.mx-not-in-held-policy',
    subject: MX2,
    severity: 'critical',
    remedy: `stswatch plan change-mx ${DRILL_DOMAIN} ${MX2}`,
    start: withDomain({ ttlSeconds: 3_600 }),
    break: (world) => join(withPolicy({ mx: [MX1, MX2] }, '20260202T000000Z')(world)),
    mend: (world) =>
      withDomain({ mx: [{ preference: 10, exchange: MX1 }] })(withPolicy({}, '20260303T000000Z')(world)),
    minutesToOpen: 40,
    minutesToResolve: 30,
    changes: 1,
  }),
  drill({
    name: 'retired-too-early',
    title: 'Mode none is served, and the record goes at once',
    finding: 'mta-sts.policy.retired-too-early',
    remedy: STS_LINE,
    opens: [
      { code: 'mta-sts.policy.retired-too-early', subject: null, severity: 'warning' },
      { code: 'mta-sts.policy.weakened', subject: 'mode', severity: 'warning' },
    ],
    break: (world) =>
      withDomain({ stsRecord: [] })(withPolicy({ mode: 'none', maxAgeSeconds: 86_400 }, null)(world)),
    minutesToOpen: 40,
    minutesToResolve: 30,
  }),
]

function join(world: World): World {
  return editDomain(world, DRILL_DOMAIN, (domain) => ({
    ...domain,
    mx: [...domain.mx, { preference: 20, exchange: MX2 }],
    hosts: [...domain.hosts, mailHost(MX2)],
  }))
}
