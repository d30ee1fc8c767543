import { editNameServer, nameServer } from '../build-world.ts'
import type { LabNameServer, World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill } from './drill.ts'

const SECOND = `ns2.${DRILL_DOMAIN}`
const ADDRESS = '198.51.100.53'
const STS_NAME = `_mta-sts.${DRILL_DOMAIN}`
const TLSA_NAME = `_25._tcp.mx1.${DRILL_DOMAIN}`

/** Until the next look at the servers, an hour apart, and what it takes to confirm. */
const MINUTES = { minutesToOpen: 90, minutesToResolve: 90 }
/** The same, and an hour in which a change may be on its way. */
const MINUTES_OF_CHANGE = { minutesToOpen: 150, minutesToResolve: 90 }

/** One authoritative server of the domain's zone. */
export const NAME_SERVER_DRILLS: readonly Drill[] = [
  serverDrill({
    name: 'secondary-not-updated',
    title: 'A secondary name server no longer transfers the zone',
    finding: 'dns.server.stale',
    remedy: `dig @${ADDRESS} ${STS_NAME} TXT +norec`,
    break: withSecond({ serial: 4, domain: { stsRecord: ['v=STSv1; id=20250101T000000Z;'] } }),
    ...MINUTES_OF_CHANGE,
  }),
  serverDrill({
    name: 'secondary-with-old-mx',
    title: 'A secondary name server still names a mail host that the policy has lost',
    finding: 'dns.server.stale',
    severity: 'critical',
    remedy: `dig @${ADDRESS} ${DRILL_DOMAIN} MX +norec`,
    break: withSecond({ serial: 4, domain: { mx: [{ preference: 10, exchange: `old.${DRILL_DOMAIN}` }] } }),
    ...MINUTES_OF_CHANGE,
  }),
  serverDrill({
    name: 'secondary-down',
    title: 'A secondary name server is down',
    finding: 'dns.server.mute',
    remedy: `dig @${ADDRESS} ${DRILL_DOMAIN} SOA +norec`,
    break: withSecond({ path: 'refused' }),
    ...MINUTES,
  }),
  serverDrill({
    name: 'secondary-lost-the-zone',
    title: 'A secondary name server no longer has the zone and refuses',
    finding: 'dns.server.lame',
    remedy: `${DRILL_DOMAIN}. NS ${SECOND}.`,
    break: withSecond({ faults: [{ at: '*', type: 'any', fault: 'refused' }] }),
    ...MINUTES,
  }),
  serverDrill({
    name: 'secondary-drops-tlsa',
    title: 'A new firewall before a name server lets no question for TLSA through',
    finding: 'dns.server.drops-type',
    remedy: `dig @${ADDRESS} ${TLSA_NAME} TLSA +norec`,
    break: withSecond({ faults: [{ at: '*', type: 'TLSA', fault: 'servfail' }] }),
    ...MINUTES,
  }),
]

type Parts = Omit<Parameters<typeof drill>[0], 'subject' | 'start'>

function serverDrill(parts: Parts): Drill {
  return drill({ subject: SECOND, start: withServers, ...parts })
}

function withServers(world: World): World {
  return {
    ...world,
    nameServers: [
      nameServer(DRILL_DOMAIN, 1, { addresses: ['192.0.2.53'], serial: 5 }),
      nameServer(DRILL_DOMAIN, 2, { addresses: [ADDRESS], serial: 5 }),
      nameServer(DRILL_DOMAIN, 3, { addresses: ['203.0.113.53'], serial: 5 }),
    ],
  }
}

function withSecond(edit: Partial<LabNameServer>): (world: World) => World {
  return (world) => editNameServer(world, SECOND, edit)
}
