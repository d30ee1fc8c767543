/** What goes wrong without anybody's fault: outages on our side, loss on the way, busy and restarting hosts. */

import { sha256 } from '../../src/lib/sha256.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../../src/lib/time.ts'
import type { SightProtocol } from '../../src/model/vantage.ts'
import type { Chance } from './random.ts'

export interface BlindPeriod {
  readonly kind: 'resolvers' | 'uplink' | 'port 25'
  readonly from: UnixMs
  readonly to: UnixMs
}

const PACKET_LOSS = 0.02
/** Questions to three resolvers, two tries each, of which two must agree; and how often the kernel repeats a SYN. */
const DNS_TRIES = 2
const SYN_TRIES = 5
/** The way to each network is broken twice a day for up to six minutes. */
const BREAKS_A_DAY = 2
const BREAK_MAX_MS = 6 * MINUTE_MS
const RESTART_MS = 90 * SECOND_MS
const BUSY_HOSTS = 0.05
const BUSY_SPELLS_A_DAY = 4
const BUSY_MAX_MS = 12 * MINUTE_MS

/**
 * Three resolver outages of 20 minutes, two uplink losses of 10, half an hour without port 25: more than a day apart, so
 * that each is told by itself (R84), and fewer of them in a run that is too short for all.
 */
export function blindPeriods(start: UnixMs, days: number, chance: Chance): readonly BlindPeriod[] {
  const kinds: readonly (readonly [BlindPeriod['kind'], number])[] = [
    ['resolvers', 20],
    ['uplink', 10],
    ['resolvers', 20],
    ['port 25', 30],
    ['uplink', 10],
    ['resolvers', 20],
  ]
  const count = Math.min(kinds.length, Math.max(1, Math.floor(days / 1.6)))
  const share = (days * DAY_MS) / count
  return kinds.slice(0, count).map(([kind, minutes], index) => {
    const from = start + Math.floor(share * (index + chance.between(0.35, 0.65)))
    return { kind, from, to: from + minutes * MINUTE_MS }
  })
}

/** packets: two of a hundred packets are lost. operations: two of a hundred questions or connections fail outright. */
export type Loss = 'packets' | 'operations'

const ROUND_TRIP_LOSS = 1 - (1 - PACKET_LOSS) ** 2
const OPERATION_LOSS: Readonly<Record<Loss, (protocol: SightProtocol) => number>> = {
  operations: () => PACKET_LOSS,
  packets: (protocol) =>
    protocol === 'dns' ? 3 * ROUND_TRIP_LOSS ** (2 * DNS_TRIES) : ROUND_TRIP_LOSS ** SYN_TRIES,
}

export class Weather {
  readonly periods: readonly BlindPeriod[]
  readonly #chance: Chance
  readonly #loss: Loss

  constructor(periods: readonly BlindPeriod[], chance: Chance, loss: Loss) {
    this.periods = periods
    this.#chance = chance
    this.#loss = loss
  }

  /** Does an operation over this protocol get no answer now? */
  isLost(protocol: SightProtocol, at: UnixMs): boolean {
    const lost = this.#chance.happens(OPERATION_LOSS[this.#loss](protocol))
    return lost || this.isBlind(protocol, at)
  }

  isBlind(protocol: SightProtocol, at: UnixMs): boolean {
    return this.periods.some(
      ({ kind, from, to }) =>
        at >= from &&
        at < to &&
        (kind === 'uplink' ||
          kind === { dns: 'resolvers', dnssec: 'none', smtp: 'port 25', https: 'none' }[protocol]),
    )
  }

  /** Is the way to this address broken? */
  isWayBroken(address: string, at: UnixMs): boolean {
    return this.#isInSpell(`the way to ${address}`, BREAKS_A_DAY, BREAK_MAX_MS, at)
  }

  /** Every mail host restarts once a day. */
  isRestarting(host: string, at: UnixMs): boolean {
    const day = Math.floor(at / DAY_MS)
    const begin = day * DAY_MS + share(`${host} restarts ${day}`) * (DAY_MS - RESTART_MS)
    return at >= begin && at < begin + RESTART_MS
  }

  /** Some hosts are too busy for strangers, for a few minutes a few times a day. */
  isBusy(host: string, at: UnixMs): boolean {
    if (share(`${host} is often busy`) >= BUSY_HOSTS) return false
    return this.#isInSpell(`${host} is busy`, BUSY_SPELLS_A_DAY, BUSY_MAX_MS, at)
  }

  #isInSpell(what: string, aDay: number, longestMs: number, at: UnixMs): boolean {
    const every = DAY_MS / aDay
    const number = Math.floor(at / every)
    const begin = number * every + share(`${what} from ${number}`) * (every - longestMs)
    return at >= begin && at < begin + share(`${what} for ${number}`) * longestMs
  }
}

/** In [0, 1), the same for the same text. */
export function share(text: string): number {
  return Number.parseInt(sha256(text).slice(0, 8), 16) / 0x1_0000_0000
}
