/** Can this machine see? Proven in the same minutes, per protocol, before anybody else is blamed (reliability §12.1). */
export interface Vantage {
  readonly dns: Sight
  readonly https: Sight
  readonly smtp: Sight
}

/**
 * sees: something else answered over this protocol within the last ten minutes.
 * blind: the canaries failed as well. unproven: neither; path faults then stay undecided.
 */
export type Sight = 'sees' | 'unproven' | 'blind'

export type SightProtocol = keyof Vantage
