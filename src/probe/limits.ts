import { MINUTE_MS, SECOND_MS } from '../lib/time.ts'

/** Every bound of a look at a domain. Tests shrink them; the product runs with `DEFAULT_LIMITS`. */
export interface ProbeLimits {
  readonly dns: DnsLimits
  readonly connectMs: number
  readonly handshakeMs: number
  readonly smtp: SmtpLimits
  readonly https: HttpsLimits
  readonly faces: FaceLimits
  /** All questions to authoritative servers of one look. */
  readonly zonesMs: number
  readonly counts: CountLimits
}

export interface DnsLimits {
  /** One try at one server. */
  readonly tryMs: number
  readonly tries: number
  /** One question in all: every server, CNAME step and repetition. */
  readonly totalMs: number
  readonly records: number
  readonly textBytes: number
  readonly cnames: number
  /** Questions in flight at once. */
  readonly atOnce: number
}

export interface SmtpLimits {
  readonly greetingMs: number
  readonly commandMs: number
  readonly quitMs: number
  readonly totalMs: number
  readonly lineBytes: number
  readonly replyLines: number
  /** What a server may send before TLS, and again inside it. */
  readonly sessionBytes: number
  readonly atOnce: number
}

export interface HttpsLimits {
  readonly totalMs: number
  readonly headerBytes: number
  readonly bodyBytes: number
  /** What is kept of the body of an answer other than 200. */
  readonly otherBodyCharacters: number
  readonly informationalReplies: number
  readonly atOnce: number
}

export interface FaceLimits {
  /** How long what another port showed is believed: it is not asked more often. */
  readonly portMs: number
  /** The same for the second key type of port 25. */
  readonly keysMs: number
  /** From the end of one SMTP session with an address to the one that asks for the other key type. */
  readonly pauseMs: number
  /** A port that a firewall hides never answers: nobody waits long for what need not be there. */
  readonly connectMs: number
}

export interface CountLimits {
  /** MX hosts looked at; further ones are told as skipped. */
  readonly mxHosts: number
  readonly addressesPerHost: number
  readonly addressesAtOnce: number
  /** Connections per protocol to one /24 or /48 at once (R32). */
  readonly perNetworkAtOnce: number
  readonly ruaDomains: number
  readonly canaryAddresses: number
  /** Zones whose servers are asked, their servers, and the addresses of each. */
  readonly zones: number
  readonly nameServers: number
  readonly addressesPerServer: number
  /** MX hosts whose names are asked for at every authoritative server. */
  readonly zoneHosts: number
}

// RFC 8461 §3.3 suggests one minute and 64 kilobytes for the policy.
export const DEFAULT_LIMITS: ProbeLimits = {
  dns: {
    tryMs: 2 * SECOND_MS,
    tries: 2,
    totalMs: 15 * SECOND_MS,
    records: 64,
    textBytes: 16_384,
    cnames: 8,
    atOnce: 50,
  },
  connectMs: 30 * SECOND_MS,
  handshakeMs: 30 * SECOND_MS,
  smtp: {
    greetingMs: 60 * SECOND_MS,
    commandMs: 30 * SECOND_MS,
    quitMs: 5 * SECOND_MS,
    totalMs: 120 * SECOND_MS,
    lineBytes: 2_048,
    replyLines: 100,
    sessionBytes: 65_536,
    atOnce: 20,
  },
  https: {
    totalMs: 60 * SECOND_MS,
    headerBytes: 16_384,
    bodyBytes: 65_536,
    otherBodyCharacters: 512,
    informationalReplies: 10,
    atOnce: 20,
  },
  faces: {
    // A look every quarter of an hour or every hour asks anew, even when it comes a little early.
    portMs: 14 * MINUTE_MS,
    keysMs: 59 * MINUTE_MS,
    pauseMs: 2 * SECOND_MS,
    connectMs: 10 * SECOND_MS,
  },
  zonesMs: 60 * SECOND_MS,
  counts: {
    mxHosts: 20,
    addressesPerHost: 8,
    addressesAtOnce: 2,
    perNetworkAtOnce: 2,
    ruaDomains: 5,
    canaryAddresses: 3,
    zones: 8,
    nameServers: 13,
    addressesPerServer: 4,
    zoneHosts: 8,
  },
}
