import { certificate } from '../certificate-spec.ts'
import { KNOWN_SPKI_SHA256 } from '../known-keys.ts'
import type { LabRecord, World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, drillWorld, withDomain, withHost } from './drill.ts'

const HOST = `mx1.${DRILL_DOMAIN}`

/** The TTL of the records. */
export const ROLLOVER_TTL_SECONDS = 3_600

type Key = keyof typeof KNOWN_SPKI_SHA256

/** TLSA records of these keys, in the place of those that are there. */
export function withRecords(...keys: readonly Key[]): (world: World) => World {
  return (world) => ({
    ...world,
    records: [
      ...world.records.filter(({ type }) => type !== 'TLSA'),
      ...keys.map(
        (key): LabRecord => ({
          name: `_25._tcp.${HOST}`,
          ttlSeconds: ROLLOVER_TTL_SECONDS,
          type: 'TLSA',
          usage: 3,
          selector: 1,
          matching: 1,
          data: KNOWN_SPKI_SHA256[key],
        }),
      ),
    ],
  })
}

/** The mail host presents this key. */
export function withKey(key: Key): (world: World) => World {
  return withHost(HOST, { certificate: certificate({ key }) })
}

/** A signed zone with one TLSA record, and the key that it is of. */
export function beforeRollover(world: World): World {
  return withRecords('first')(withKey('first')(withDomain({ secure: true })(world)))
}

/** What watch.yaml says of it: the second key is next. */
export const ROLLOVER_HOSTS = { [HOST]: { next_key: KNOWN_SPKI_SHA256.second } }

function rolloverDrill(parts: Parameters<typeof drill>[0]): Drill {
  return drill({
    subject: HOST,
    severity: 'critical',
    hosts: ROLLOVER_HOSTS,
    start: beforeRollover,
    mend: () => beforeRollover(drillWorld()),
    ...parts,
  })
}

/** Changes of a mail host's key whose steps come out of order, or not at all. */
export const ROLLOVER_DRILLS: readonly Drill[] = [
  rolloverDrill({
    name: 'rollover-key-without-record',
    title: 'The next key is installed, and nobody has published its TLSA record',
    finding: 'dane.rollover.too-early',
    remedy: `_25._tcp.${HOST}. IN TLSA 3 1 1 ${KNOWN_SPKI_SHA256.second}`,
    break: withKey('second'),
  }),
  rolloverDrill({
    name: 'rollover-key-with-record',
    title: 'The next key is installed in the same minute in which its TLSA record is published',
    finding: 'dane.rollover.too-early',
    remedy: 'Install the old key and certificate again',
    changes: 1,
    break: (world) => withRecords('first', 'second')(withKey('second')(world)),
  }),
  rolloverDrill({
    name: 'rollover-record-replaced',
    title: 'The TLSA record of the next key takes the place of the one that is in use',
    finding: 'dane.rollover.old-record-gone-early',
    remedy: `_25._tcp.${HOST}. IN TLSA 3 1 1 ${KNOWN_SPKI_SHA256.first}`,
    changes: 1,
    break: withRecords('second'),
  }),
  rolloverDrill({
    name: 'rollover-forgotten',
    title: 'The TLSA record of the next key has been published for two weeks, and nobody installs the key',
    finding: 'dane.rollover.stalled',
    severity: 'info',
    remedy: 'Install the key and its certificate and reload the server',
    changes: 3,
    break: withRecords('first', 'second'),
    minutesToOpen: 14 * 24 * 60 + 180,
    minutesToResolve: 60,
  }),
]
