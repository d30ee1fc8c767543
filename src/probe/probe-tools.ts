import type { NewId } from '../lib/id.ts'
import type { Clock } from '../lib/time.ts'
import type { Resolver } from '../model/dns.ts'
import type { ProbeLimits } from './limits.ts'
import type { NameServers } from './name-servers.ts'
import type { Network } from './network.ts'
import type { AddressLimiter } from './politeness.ts'
import type { Trust } from './trust.ts'

/** What a probe is made of: everything it knows of the world comes in here. */
export interface ProbeTools {
  readonly clock: Clock
  readonly newId: NewId
  readonly resolver: Resolver
  readonly network: Network
  readonly nameServers: NameServers
  readonly limits: ProbeLimits
  /** The name this machine gives in EHLO. */
  readonly ehloName: string
  /** PEM certificates to trust; null for those of Node and of the system. */
  readonly roots: readonly string[] | null
}

/** The same, with what one probe shares among all its looks. */
export interface LookTools extends ProbeTools {
  readonly trust: Trust
  readonly smtpLimiter: AddressLimiter
  readonly httpsLimiter: AddressLimiter
  readonly nameServerLimiter: AddressLimiter
}
