import { basename, dirname, join } from 'node:path'
import { errorText } from '../../lib/error-text.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { StoreError } from '../../store/store-error.ts'
import { tryPlace } from '../../store/trial.ts'
import { bad, type DoctorCheck, type DoctorLine, good, warning } from './doctor-line.ts'
import { placeOf } from './place-of.ts'

const TOPIC = 'database'

/** Is the place of the database private, local, writable, and does SQLite write through there? The database is not opened. */
export const DATABASE_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 20 * SECOND_MS,
  async run({ env: { databaseFile }, machine }) {
    if (databaseFile === ':memory:') {
      return [warning(TOPIC, 'in memory: everything is forgotten at the end', 'Set DATABASE_FILE to a file.')]
    }
    const { directory, obstacle, isThere } = await placeOf(databaseFile)
    const wanted = dirname(databaseFile)
    if (obstacle !== null)
      return [
        bad(TOPIC, `${obstacle} is no directory`, 'Move it away, or set DATABASE_FILE to another place.'),
      ]
    try {
      const loose = await tryPlace(join(directory, basename(databaseFile)), machine.filesystemType)
      if (!isThere) return [good(TOPIC, `${wanted} is not there yet; the first start makes it`)]
      return loose.length > 0
        ? loose.map((line) => warning(TOPIC, line))
        : [good(TOPIC, `${databaseFile}: local, writable, write-ahead log with full synchronisation`)]
    } catch (error) {
      return [refused(directory, error)]
    }
  },
}

function refused(directory: string, error: unknown): DoctorLine {
  if (error instanceof StoreError) return bad(TOPIC, error.message)
  return bad(
    TOPIC,
    `nothing can be written to ${directory}: ${errorText(error)}`,
    `See to whom it belongs, and run stswatch as that user: ls -ld '${directory}'`,
  )
}
