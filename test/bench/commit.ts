import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openProbe } from '../../src/app/open-probe.ts'
import { openResolver } from '../../src/app/open-resolver.ts'
import { randomId } from '../../src/lib/id.ts'
import { systemClock } from '../../src/lib/time.ts'
import type { Snapshot, SnapshotId } from '../../src/model/snapshot.ts'
import { parseDomainName } from '../../src/protocol/domain-name.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { LabProcess } from './lab-process.ts'
import { costOf, median, table } from './measure.ts'

const ROUNDS = 3
const COMMITS = 200

/** How fast an unchanged look is kept, every commit on the disk before it counts, beside a bare update of one row. */
export async function benchCommit(directory: string): Promise<string> {
  await using lab = await LabProcess.start({ domains: 1, sharedMx: 0 })
  const snapshot = await oneLook(lab)
  const options = { owner: true, allowNetworkFilesystem: true, warn: () => {} }
  await using store = await openStore(join(directory, 'commit.db'), options)
  const nothing = {
    isUndecided: false,
    changes: [],
    policyVersion: null,
    transitions: [],
    notifications: [],
    sessions: [],
  }
  const bare = bareUpdate(join(directory, 'bare-commit.db'))
  let look = 0
  const commitAll = async () => {
    for (let n = 0; n < COMMITS; n += 1) {
      look += 1
      const next: Snapshot = {
        ...snapshot,
        id: `snap_${look}` as SnapshotId,
        takenAt: snapshot.takenAt + look,
      }
      await store.commitCheck({ snapshot: next, ...nothing })
    }
  }
  const updateAll = async () => {
    for (let n = 0; n < COMMITS; n += 1) bare(n)
  }
  const speeds = { bare: [] as number[], store: [] as number[] }
  for (let round = 0; round <= ROUNDS; round += 1) {
    const costs = { bare: await costOf(updateAll), store: await costOf(commitAll) }
    if (round === 0) continue
    speeds.bare.push((COMMITS / costs.bare.wallMs) * 1_000)
    speeds.store.push((COMMITS / costs.store.wallMs) * 1_000)
  }
  const floor = median(speeds.bare)
  const row = (what: string, values: readonly number[]) => [
    what,
    `${Math.round(median(values))}/s`,
    `${Math.round((median(values) / floor) * 100)} %`,
  ]
  return table(
    ['commit (WAL, synchronous=FULL)', 'median', 'of bare'],
    [row('bare update of one row', speeds.bare), row('commitCheck, unchanged look', speeds.store)],
  )
}

async function oneLook(lab: LabProcess): Promise<Snapshot> {
  const name = parseDomainName(lab.domains[0] ?? '')
  if (name === null) throw new Error('the lab has no domain')
  const config = lab.config()
  const resolver = openResolver(config, systemClock, lab.world.limits)
  const probe = openProbe(config, resolver, systemClock, randomId, lab.world)
  return probe.domain(name, 0, new AbortController().signal)
}

function bareUpdate(file: string): (n: number) => void {
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = wal; PRAGMA synchronous = FULL;
    CREATE TABLE one (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT; INSERT INTO one VALUES (1, 0)`)
  const update = database.prepare('UPDATE one SET n = ? WHERE id = 1')
  return (n) => void update.run(n)
}
