import { StoreError, type StoreErrorKind } from '../store/store-error.ts'
import { EXIT, type Io } from './io.ts'

const STATUS: Readonly<Record<StoreErrorKind, number>> = {
  'newer-schema': EXIT.newerSchema,
  'changed-migration': EXIT.newerSchema,
  corrupt: EXIT.damaged,
  'network-filesystem': EXIT.config,
  'world-writable': EXIT.config,
  pragma: EXIT.internal,
}

/** Says why the database must not be used as it is, and gives the exit status; null when `error` is something else. */
export function storeFailure(error: unknown, io: Io): number | null {
  if (!(error instanceof StoreError)) return null
  io.err(`stswatch: ${error.message}\n`)
  return STATUS[error.kind]
}
