import { dirname } from 'node:path'
import { errorText } from '../../lib/error-text.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { StoreError } from '../../store/store-error.ts'
import { tryPlace } from '../../store/trial.ts'
import { bad, type DoctorCheck, type DoctorLine, good, warning } from './doctor-line.ts'

const TOPIC = 'database'

/** Is the place of the database private, local, writable, and does SQLite write through there? The database is not opened. */
export const DATABASE_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 20 * SECOND_MS,
  async run({ env: { databaseFile }, machine }) {
    if (databaseFile === ':memory:') {
      return [warning(TOPIC, 'in memory: everything is forgotten at the end', 'Set DATABASE_FILE to a file.')]
    }
    try {
      const loose = await tryPlace(databaseFile, machine.filesystemType)
      return loose.length > 0
        ? loose.map((line) => warning(TOPIC, line))
        : [good(TOPIC, `${databaseFile}: local, writable, write-ahead log with full synchronisation`)]
    } catch (error) {
      return [refused(databaseFile, error)]
    }
  },
}

function refused(file: string, error: unknown): DoctorLine {
  if (error instanceof StoreError) return bad(TOPIC, error.message)
  const directory = dirname(file)
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT') {
    return bad(TOPIC, `the directory ${directory} does not exist`, `mkdir -p -m 700 '${directory}'`)
  }
  return bad(
    TOPIC,
    `nothing can be written to ${directory}: ${errorText(error)}`,
    `See to whom it belongs, and run stswatch as that user: ls -ld '${directory}'`,
  )
}
