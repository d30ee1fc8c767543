/** Whether a database could live in a place: tried with another file, so that the real one is not touched. */

import { randomUUID } from 'node:crypto'
import { access, constants, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openSqlite } from './node-sqlite.ts'
import { looseModes, refuseNetworkFilesystem } from './place.ts'
import { setPragmas } from './pragmas.ts'

const BUSY_MS = 1_000

/**
 * Makes a small database beside `file` under the pragmas that every database of ours has, writes to it and takes it away
 * again. Returns one line for each mode that is looser than it should be; throws StoreError for a place that must not be
 * used, and what the system or SQLite throws when one cannot be made there.
 */
export async function tryPlace(
  file: string,
  filesystemType: (directory: string) => Promise<number>,
): Promise<readonly string[]> {
  const directory = dirname(file)
  await refuseNetworkFilesystem({ file, allowNetworkFilesystem: false, filesystemType }, directory)
  const loose = process.platform === 'win32' ? [] : await looseModes(file)
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  if (exists) await access(file, constants.R_OK | constants.W_OK)
  const trial = join(directory, `.trial-${randomUUID()}.db`)
  try {
    const connection = openSqlite(trial, BUSY_MS)
    try {
      setPragmas(connection, false)
      connection.exec('CREATE TABLE trial (x)')
    } finally {
      connection.close()
    }
  } finally {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${trial}${suffix}`, { force: true })
  }
  return loose
}
