import type { DnsFaultRule, World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, withDomain } from './drill.ts'

const MX1 = `mx1.${DRILL_DOMAIN}`
const LIFE_HOURS = 14 * 24

/** What becomes of a signed domain when its signatures are wrong or grow old. */
export const DNSSEC_DRILLS: readonly Drill[] = [
  drill({
    name: 'dnssec-broken',
    title: 'The signatures of the domain run out',
    finding: 'dnssec.zone.bogus',
    subject: DRILL_DOMAIN,
    severity: 'critical',
    remedy: `delv ${DRILL_DOMAIN} MX +vtrace`,
    start: withDomain({ secure: true }),
    break: bogusAt(`*.${DRILL_DOMAIN}`, 'any'),
    minutesToOpen: 40,
  }),
  drill({
    name: 'dnssec-host-broken',
    title: 'The address of the only MX host does not validate any more',
    finding: 'dnssec.zone.bogus',
    subject: DRILL_DOMAIN,
    severity: 'critical',
    remedy: `dig +cd +dnssec ${MX1} A`,
    start: withDomain({ secure: true }),
    break: bogusAt(MX1, 'any'),
    minutesToOpen: 40,
  }),
  drill({
    name: 'dnssec-policy-broken',
    title: 'The MTA-STS record does not validate any more',
    finding: 'dnssec.zone.bogus',
    subject: DRILL_DOMAIN,
    remedy: `delv _mta-sts.${DRILL_DOMAIN} TXT +vtrace`,
    start: withDomain({ secure: true }),
    break: bogusAt(`_mta-sts.${DRILL_DOMAIN}`, 'any'),
    minutesToOpen: 40,
  }),
  drill({
    name: 'dnssec-signer-stopped',
    title: 'The signer stops, and the signatures have a day left',
    finding: 'dnssec.signature.expiring',
    subject: DRILL_DOMAIN,
    remedy: `rndc sign ${DRILL_DOMAIN}`,
    start: withDomain({ secure: true }),
    break: signaturesLast(20),
  }),
  drill({
    name: 'dnssec-signatures-end',
    title: 'The signatures end within the hour',
    finding: 'dnssec.signature.expiring',
    subject: DRILL_DOMAIN,
    severity: 'critical',
    remedy: `knotc zone-sign ${DRILL_DOMAIN}`,
    start: withDomain({ secure: true }),
    break: signaturesLast(0.5),
  }),
]

function bogusAt(at: string, type: DnsFaultRule['type']): (world: World) => World {
  return (world) => ({ ...world, dnsFaults: [{ at, type, resolver: 'all', fault: 'bogus' }] })
}

function signaturesLast(hoursLeft: number): (world: World) => World {
  const signatures = [{ zone: DRILL_DOMAIN, hoursOld: LIFE_HOURS - hoursLeft, hoursLeft }]
  return (world) => ({ ...world, signatures })
}
