import type { Fault, FaultKind } from '../model/fault.ts'

const LONGEST_DETAIL = 512

/** How a fault travels inside this room: thrown where it is met, turned into an observation by `observe`. */
export class FaultError extends Error {
  readonly fault: Fault

  constructor(kind: FaultKind, blame: Fault['blame'], detail: string) {
    super(detail)
    this.name = 'FaultError'
    this.fault = { kind, blame, detail: detail.slice(0, LONGEST_DETAIL) }
  }
}

/** The fault an error stands for; anything that is no FaultError is a bug of ours and says so. */
export function faultOf(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return { kind: 'internal', blame: 'local', detail: detail.slice(0, LONGEST_DETAIL) }
}
