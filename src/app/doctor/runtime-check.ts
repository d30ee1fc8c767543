import { SECOND_MS } from '../../lib/time.ts'
import { bad, type DoctorCheck, type DoctorLine, good } from './doctor-line.ts'

const TOPIC = 'runtime'
/** TypeScript is run as it stands, and `using` closes what was opened. */
const NODE_MAJOR = 26
/** STRICT tables and RETURNING. */
const SQLITE = [3, 37] as const

export const RUNTIME_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 5 * SECOND_MS,
  run: async ({ machine: { versions } }) => [judge(versions.node, versions.sqlite)],
}

function judge(node: string, sqlite: string): DoctorLine {
  const text = `Node.js ${node}, SQLite ${sqlite}`
  if ((numbers(node)[0] ?? 0) < NODE_MAJOR) {
    return bad(TOPIC, `${text}: too old`, `Install Node.js ${NODE_MAJOR} or newer: https://nodejs.org/`)
  }
  const [major = 0, minor = 0] = numbers(sqlite)
  const isOld = major < SQLITE[0] || (major === SQLITE[0] && minor < SQLITE[1])
  return isOld
    ? bad(
        TOPIC,
        `${text}: SQLite is too old`,
        `Use a Node.js that brings SQLite ${SQLITE.join('.')} or newer.`,
      )
    : good(TOPIC, text)
}

function numbers(version: string): readonly number[] {
  return version.split('.').map(Number)
}
