import { readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { err, ok, type Result } from '../lib/result.ts'
import type { UnixMs } from '../lib/time.ts'
import { openSqlite, SQLITE, type SqliteConnection, sqliteCode } from './node-sqlite.ts'
import { createDirectory, createPrivately } from './place.ts'

/** Who holds a lock. All null when it has not said so yet. */
export interface LockHolder {
  readonly pid: number | null
  readonly host: string | null
  readonly since: UnixMs | null
}

/**
 * One process per database and role (R18): takes the exclusive lock of `<file>.<role>.lock`, or gives its holder at once.
 * The kernel frees the lock when the process ends in whatever way. `:memory:` databases need none.
 * It comes before the database is opened and makes its directory. `now` is what other processes are told as `since`.
 */
export async function acquireInstanceLock(
  file: string,
  role: string,
  now: UnixMs,
): Promise<Result<AsyncDisposable, LockHolder>> {
  const lockFile = `${file}.${role}.lock`
  const holderFile = `${lockFile}.json`
  await createDirectory(dirname(file))
  await createPrivately(lockFile)
  const connection = openSqlite(lockFile, 0)
  if (!lock(connection)) {
    connection.close()
    return err(await readHolder(holderFile))
  }
  await writeHolder(holderFile, { pid: process.pid, host: hostname(), since: now })
  return ok({
    async [Symbol.asyncDispose]() {
      if (connection.isOpen) connection.close()
    },
  })
}

/** False when another process has it. */
function lock(connection: SqliteConnection): boolean {
  try {
    // In exclusive mode the lock of the first write is kept until the connection closes.
    connection.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY')
    connection.exec('begin exclusive; create table if not exists held (by_whom text) strict; commit')
    return true
  } catch (error) {
    if (sqliteCode(error) === SQLITE.busy) return false
    connection.close()
    throw error
  }
}

// A file of its own, because nobody else can read the locked one.
async function writeHolder(file: string, holder: LockHolder): Promise<void> {
  const fresh = `${file}.new`
  await writeFile(fresh, JSON.stringify(holder), { mode: 0o600 })
  await rename(fresh, file)
}

async function readHolder(file: string): Promise<LockHolder> {
  try {
    const { pid, host, since } = JSON.parse(await readFile(file, 'utf8'))
    return { pid: Number(pid), host: String(host), since: Number(since) }
  } catch {
    return { pid: null, host: null, since: null }
  }
}
