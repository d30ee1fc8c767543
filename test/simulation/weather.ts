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

const LOSS = 0.02
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

export class Weather {
  readonly periods: readonly BlindPeriod[]
  readonly #chance: Chance
  readonly #loss: number

  constructor(periods: readonly BlindPeriod[], chance: Chance, loss = LOSS) {
    this.periods = periods
    this.#chance = chance
    this.#loss = loss
  }

  /** Does an operation over this protocol get no answer now? */
  isLost(protocol: SightProtocol, at: UnixMs): boolean {
    const lost = this.#chance.happens(this.#loss)
    return lost || this.isBlind(protocol, at)
  }

  isBlind(protocol: SightProtocol, at: UnixMs): boolean {
    return this.periods.some(
      ({ kind, from, to }) =>
        at >= from &&
        at < to &&
        (kind === 'uplink' || kind === { dns: 'resolvers', smtp: 'port 25', https: 'none' }[protocol]),
    )
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
    const spell = DAY_MS / BUSY_SPELLS_A_DAY
    const number = Math.floor(at / spell)
    const begin = number * spell + share(`${host} busy from ${number}`) * (spell - BUSY_MAX_MS)
    return at >= begin && at < begin + share(`${host} busy for ${number}`) * BUSY_MAX_MS
  }
}

/** In [0, 1), the same for the same text. */
export function share(text: string): number {
  return Number.parseInt(sha256(text).slice(0, 8), 16) / 0x1_0000_0000
}
