/** Can this machine see? Proven in the same minutes, per protocol, before anybody else is blamed (reliability §12.1). */
export interface Vantage {
  readonly dns: Sight
  /** Whether the answers we believe are validated (RFC 7672 §2.1.1): unless `sees`, what is insecure may as well be secure. */
  readonly dnssec: Sight
  readonly https: Sight
  readonly smtp: Sight
}

/**
 * sees: something else answered over this protocol within the last ten minutes; for DNSSEC, an answer was validated.
 * blind: the canaries failed as well; for DNSSEC, signed names came unvalidated. unproven: neither; path faults then
 * stay undecided.
 */
export type Sight = 'sees' | 'unproven' | 'blind'

export type SightProtocol = keyof Vantage
