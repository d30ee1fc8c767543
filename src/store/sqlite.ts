/** The embedded Store: one SQLite file, or `:memory:` for the demo and tests. */

import { canaryStore } from './canaries.ts'
import { changesSince, insertChanges } from './changes.ts'
import { leftCleanly, noteCleanExit, noteEntry } from './clean-exit.ts'
import { type Database, database } from './database.ts'
import { noteAlive } from './downtimes.ts'
import { hostAddresses, upsertHostAddresses } from './host-addresses.ts'
import {
  findIncident,
  incidentsOfThread,
  insertTransitions,
  liveIncidents,
  openThread,
  recentIncidents,
  rememberedIncidents,
  transitionsOf,
  transitionsOfDomain,
} from './incidents.ts'
import { claimJob, enqueueJob, finishJob, lastSlot, nextJobDueAt, recoverJobs } from './jobs.ts'
import { countLook } from './look-days.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import { openSqlite, SQLITE, sqliteCode } from './node-sqlite.ts'
import { claimDelivery, insertNotifications, nextDeliveryDueAt, recoverDeliveries } from './outbox.ts'
import {
  pendingRows,
  rowsOfIncident,
  threadReferences,
  waitingChannels,
  waitingSince,
} from './outbox-rows.ts'
import { freezePayload, settleDelivery } from './outbox-settle.ts'
import { hostRuns } from './part-runs.ts'
import { filesystemType, preparePlace } from './place.ts'
import { policyVersions, upsertPolicyVersion } from './policy-ledger.ts'
import { checkIntegrity, setPragmas } from './pragmas.ts'
import { countSessions } from './probe-sessions.ts'
import { prune, pruneJobs } from './prune.ts'
import {
  dropHeld,
  endSilence,
  heldIncidents,
  insertSilence,
  liveAcknowledgements,
  noteReminded,
  releaseHeld,
  remindedUntil,
  silencesInForce,
  upsertAcknowledgement,
} from './quiet.ts'
import { reportStore } from './reports.ts'
import {
  findWatched,
  insertLook,
  lastLooks,
  latestAnswered,
  latestSnapshot,
  snapshotAt,
} from './snapshots.ts'
import type { IncidentStore, JobQueue, Outbox, QuietStore, SnapshotStore, Store, StoreView } from './store.ts'
import { StoreError } from './store-error.ts'
import { submissionStore } from './submissions.ts'
import { summaryStore } from './summary-queries.ts'

export interface StoreOptions {
  /**
   * True for the process that holds the instance lock: it reads the file for damage when the last owner did not leave
   * cleanly (R4). Others, such as `history`, only look.
   */
  readonly owner: boolean
  /** R13: network file systems are refused unless this is set. */
  readonly allowNetworkFilesystem: boolean
  /** Takes one line for a person, e.g. about a file that others can read. */
  readonly warn: (line: string) => void
}

const BUSY_MS = 5_000

/** Opens, creates and migrates the database. Rejects with StoreError when it must not be used as it is. */
export async function openStore(file: string, options: StoreOptions): Promise<Store> {
  const inMemory = file === ':memory:'
  if (!inMemory) {
    const place = { file, allowNetworkFilesystem: options.allowNetworkFilesystem, filesystemType }
    for (const line of await preparePlace(place)) options.warn(line)
  }
  const connection = openSqlite(file, BUSY_MS)
  try {
    setPragmas(connection, inMemory)
    if (options.owner && !leftCleanly(connection)) checkIntegrity(connection, file)
    migrate(connection, MIGRATIONS)
  } catch (error) {
    connection.close()
    throw asStoreError(error, file)
  }
  const db = database(connection)
  if (options.owner) await db.write(noteEntry)
  return storeOn(db, options.owner, inMemory ? null : file)
}

function asStoreError(error: unknown, file: string): unknown {
  const code = sqliteCode(error)
  if (code !== SQLITE.notADatabase && code !== SQLITE.corrupt) return error
  const detail = error instanceof Error ? error.message : ''
  return new StoreError(
    'corrupt',
    `${file} is damaged or no database (${detail}). It was left as it is: put a backup in its place.`,
  )
}

function storeOn(db: Database, owner: boolean, file: string | null): Store {
  return {
    snapshots: snapshotStore(db),
    incidents: incidentStore(db),
    outbox: outbox(db),
    quiet: quietStore(db),
    jobs: jobQueue(db),
    reports: reportStore(db),
    submissions: submissionStore(db),
    canaries: canaryStore(db),
    view: (read) => (file === null ? read(viewOn(db)) : withView(file, read)),
    noteAlive: (now) => db.writeRepeatable((sql) => noteAlive(sql, now)),
    commitCheck: (commit) =>
      db.write(async (sql) => {
        await insertLook(sql, commit.snapshot)
        await countLook(sql, commit.snapshot.domain, commit.snapshot.takenAt, commit.isUndecided)
        await upsertHostAddresses(sql, commit.snapshot)
        if (commit.policyVersion !== null) await upsertPolicyVersion(sql, commit.policyVersion)
        await countSessions(sql, commit.snapshot.domain, commit.snapshot.takenAt, commit.sessions)
        await insertChanges(sql, commit.changes)
        await insertTransitions(sql, commit.transitions)
        await insertNotifications(sql, commit.notifications)
      }),
    commitTransitions: (transitions, notifications) =>
      db.write(async (sql) => {
        await insertTransitions(sql, transitions)
        await insertNotifications(sql, notifications)
      }),
    prune: (now, retention) => prune(db, now, retention),
    async [Symbol.asyncDispose]() {
      if (owner) await db.write(noteCleanExit)
      await db[Symbol.asyncDispose]()
    },
  }
}

/** A connection of its own, in one transaction: the others go on writing (WAL). */
async function withView<T>(file: string, read: (view: StoreView) => Promise<T>): Promise<T> {
  const connection = openSqlite(file, BUSY_MS)
  connection.exec('PRAGMA query_only = on')
  connection.exec('begin')
  await using db = database(connection)
  return await read(viewOn(db))
}

function viewOn(db: Database): StoreView {
  return { reports: reportStore(db), summaries: summaryStore(db) }
}

function snapshotStore(db: Database): SnapshotStore {
  return {
    latest: (domain) => db.read((sql) => latestSnapshot(sql, domain)),
    latestAnswered: (domain) => db.read((sql) => latestAnswered(sql, domain)),
    at: (domain, at) => db.read((sql) => snapshotAt(sql, domain, at)),
    policyVersions: (domain) => db.read((sql) => policyVersions(sql, domain)),
    hostRuns: (domain, host, addresses) => db.read((sql) => hostRuns(sql, domain, host, addresses)),
    changes: (domain, since, limit) => db.read((sql) => changesSince(sql, domain, since, limit)),
    lookSummary: async (domain) => {
      const watched = await db.read((sql) => findWatched(sql, domain))
      return watched && { looks: watched.looks, firstAt: watched.first_at, lastAt: watched.last_at }
    },
    lastLooks: () => db.read(lastLooks),
    hostAddresses: (host) => db.read((sql) => hostAddresses(sql, host)),
  }
}

function incidentStore(db: Database): IncidentStore {
  return {
    remembered: (domain, resolvedSince) => db.read((sql) => rememberedIncidents(sql, domain, resolvedSince)),
    openThread: (code, subject) => db.read((sql) => openThread(sql, code, subject)),
    ofThread: (thread) => db.read((sql) => incidentsOfThread(sql, thread)),
    live: () => db.read(liveIncidents),
    recent: (limit) => db.read((sql) => recentIncidents(sql, limit)),
    find: (idPrefix) => db.read((sql) => findIncident(sql, idPrefix)),
    transitions: (id) => db.read((sql) => transitionsOf(sql, id)),
    transitionsOfDomain: (domain, since) => db.read((sql) => transitionsOfDomain(sql, domain, since)),
  }
}

function outbox(db: Database): Outbox {
  return {
    claim: (channel, now, leaseMs, pace) =>
      db.write((sql) => claimDelivery(sql, channel, { now, leaseMs, pace })),
    freeze: async (claim, payload) => {
      const frozen = await db.write((sql) => freezePayload(sql, claim, payload))
      if (!frozen) throw new Error('The lease of a delivery was lost before its message was frozen')
    },
    settle: (claim, settlement) => db.write((sql) => settleDelivery(sql, claim, settlement)),
    recover: (now) => db.write((sql) => recoverDeliveries(sql, now)),
    nextDueAt: () => db.read(nextDeliveryDueAt),
    waitingChannels: () => db.read(waitingChannels),
    waitingSince: () => db.read(waitingSince),
    pending: (limit) => db.read((sql) => pendingRows(sql, limit)),
    ofIncident: (id) => db.read((sql) => rowsOfIncident(sql, id)),
    references: (thread) => db.read((sql) => threadReferences(sql, thread)),
  }
}

function quietStore(db: Database): QuietStore {
  return {
    acknowledge: (given, notifications) =>
      db.write(async (sql) => {
        await upsertAcknowledgement(sql, given)
        await insertNotifications(sql, notifications)
      }),
    acknowledgements: () => db.read(liveAcknowledgements),
    silence: (silence, notifications) =>
      db.write(async (sql) => {
        await insertSilence(sql, silence)
        await insertNotifications(sql, notifications)
      }),
    endSilence: (id, at) => db.write((sql) => endSilence(sql, id, at)),
    silences: (at) => db.read((sql) => silencesInForce(sql, at)),
    held: () => db.read(heldIncidents),
    release: (incident, now) => db.write((sql) => releaseHeld(sql, incident, now)),
    drop: (incident) => db.write((sql) => dropHeld(sql, incident)),
    remindedUntil: () => db.read(remindedUntil),
    // A round that a power failure takes back is made again.
    commitReminders: (until, notifications) =>
      db.writeRepeatable(async (sql) => {
        await insertNotifications(sql, notifications)
        await noteReminded(sql, until)
      }),
  }
}

function jobQueue(db: Database): JobQueue {
  return {
    // A job that a power failure takes back is enqueued, claimed or done again; at worst a look waits for its next slot.
    enqueue: (job) => db.writeRepeatable((sql) => enqueueJob(sql, job)),
    claim: (kinds, now, leaseMs) => db.writeRepeatable((sql) => claimJob(sql, kinds, now, leaseMs)),
    finish: (job, outcome) => db.writeRepeatable((sql) => finishJob(sql, job, outcome)),
    recover: (now) => db.write((sql) => recoverJobs(sql, now)),
    nextDueAt: () => db.read(nextJobDueAt),
    lastSlot: (schedule) => db.read((sql) => lastSlot(sql, schedule)),
    prune: async (before) => {
      await pruneJobs(db, before)
    },
  }
}
