import type { DomainName } from '../protocol/domain-name.ts'
import { type AuthenticateOptions, openAuthentication, type PendingAuthentication } from './authenticate.ts'
import type { IntakeReading } from './intake.ts'
import type { IntakeAnswer, IntakeOrder } from './intake-messages.ts'
import { readIncoming, reported, unreadable, withoutMail } from './intake-reading.ts'
import type { ContentReading } from './read-reports.ts'
import { countUnits, type ReportUnit, reportUnits } from './report-units.ts'
import type { KeyLookUp } from './signing-key.ts'

/** How many units go into one message: the receiving thread is busy for some ten milliseconds then. */
export const UNITS_AT_ONCE = 2_000

/** Larger readings are not kept while their keys are looked up: memory holds one of them at a time. */
const UNITS_KEPT = 20_000

/** The work of the reading thread; what it does is decided by orders, one after the other. */
export interface IntakeDesk {
  /** Never rejects for what a sender wrote. */
  serve(order: IntakeOrder): Promise<IntakeAnswer>
}

type ReadOrder = Extract<IntakeOrder, { readonly kind: 'read' }>

/** A mail that waits for the keys of its signatures. */
interface Waiting {
  readonly order: ReadOrder
  readonly authentication: PendingAuthentication
  /** Null: too large to keep; it is read again. */
  readonly content: ContentReading | null
}

export function openDesk(options: AuthenticateOptions): IntakeDesk {
  const waiting = new Map<number, Waiting>()
  const inPieces = new Map<number, Generator<ReportUnit, void>>()

  /** DKIM comes last: a mail without a report never makes us ask the DNS. */
  async function read(order: ReadOrder): Promise<IntakeAnswer> {
    const content = await readIncoming(order)
    if (content.reports.length === 0) return hand(order.id, unreadable(content))
    if (content.mail === null) return hand(order.id, reported(content, withoutMail(content.reports)))
    const authentication = openAuthentication(order.bytes, order.now, options)
    const names = authentication.keyNames
    if (names.length === 0) return conclude(order.id, content, authentication, [])
    const isKept = countUnits(content.reports) <= UNITS_KEPT
    waiting.set(order.id, { order, authentication, content: isKept ? content : null })
    return { kind: 'keys-wanted', id: order.id, names }
  }

  async function resume(
    id: number,
    keys: readonly (readonly [DomainName, KeyLookUp])[],
  ): Promise<IntakeAnswer> {
    const found = waiting.get(id)
    if (found === undefined) throw new Error(`no mail ${id} waits for keys`)
    waiting.delete(id)
    return conclude(id, found.content ?? (await readIncoming(found.order)), found.authentication, keys)
  }

  function conclude(
    id: number,
    content: ContentReading,
    authentication: PendingAuthentication,
    keys: readonly (readonly [DomainName, KeyLookUp])[],
  ): IntakeAnswer {
    return hand(id, reported(content, authentication.conclude(new Map(keys))))
  }

  function hand(id: number, reading: IntakeReading): IntakeAnswer {
    const { result } = reading
    if (result.kind !== 'reports' || countUnits(result.reports) <= UNITS_AT_ONCE) {
      return { kind: 'reading', id, reading }
    }
    inPieces.set(id, reportUnits(result.reports))
    return { kind: 'large-reading', id, reading: { ...reading, result: { ...result, reports: [] } } }
  }

  function nextPiece(id: number): IntakeAnswer {
    const units = inPieces.get(id)
    if (units === undefined) throw new Error(`no reading ${id} is handed over in pieces`)
    const piece: ReportUnit[] = []
    while (piece.length < UNITS_AT_ONCE) {
      const { value, done } = units.next()
      if (done === true) {
        inPieces.delete(id)
        return { kind: 'piece', id, units: piece, isLast: true }
      }
      piece.push(value)
    }
    return { kind: 'piece', id, units: piece, isLast: false }
  }

  return {
    serve: async (order) => {
      switch (order.kind) {
        case 'read':
          return read(order)
        case 'keys':
          return resume(order.id, order.keys)
        case 'more':
          return nextPiece(order.id)
      }
    },
  }
}
