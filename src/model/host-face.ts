import type { IpAddress } from '../protocol/ip-address.ts'
import type { Observation } from './observation.ts'
import type { TlsFacts } from './tls.ts'

/** Ports besides 25 where a mail host shows a certificate: submission, IMAP, HTTPS. */
export type OtherPort = 465 | 587 | 993 | 443

export const OTHER_PORTS: readonly OtherPort[] = [465, 587, 993, 443]

/** What kind of certificate a client takes. `any`: what the server prefers; else only one of that key type. */
export type KeyChoice = 'any' | 'rsa' | 'ecdsa'

/** What a domain wants to know of its mail hosts beyond the ordinary session on port 25. */
export interface WantedFaces {
  readonly otherPorts: readonly OtherPort[]
  /** On port 25: also the certificate of the key type that the ordinary session did not show. */
  readonly bothKeyTypes: boolean
}

export const NO_FACES: WantedFaces = { otherPorts: [], bothKeyTypes: false }

/** One more way to meet a mail host: another port, or port 25 as a client that takes one key type alone. */
export interface HostFace {
  readonly address: IpAddress
  readonly port: OtherPort | 25
  readonly keys: KeyChoice
  readonly look: Observation<FaceAnswer>
}

/** Nothing of this is a fault of the host: it need not offer any of it. */
export type FaceAnswer =
  | { readonly outcome: 'shown'; readonly tls: TlsFacts }
  /** The connection was refused. */
  | { readonly outcome: 'closed' }
  /** Port 587 answers SMTP without STARTTLS, or refuses it. */
  | { readonly outcome: 'no-tls' }
  /** The host has no certificate of that key type. */
  | { readonly outcome: 'no-such-key' }
