/** Why we do not know something, and whose side the reason lies on. */
export interface Fault {
  readonly kind: FaultKind
  /** remote: the far side answered wrongly. path: between us and it. local: this machine or its configuration. */
  readonly blame: 'remote' | 'path' | 'local'
  /** One line for a person, with host, address and what was received; may hold untrusted text. */
  readonly detail: string
}

export type FaultKind =
  // DNS: everything that is no answer (R25)
  | 'dns-timeout'
  | 'dns-servfail'
  | 'dns-refused'
  | 'dns-malformed'
  | 'dns-unreachable'
  | 'dns-split'
  | 'dns-bogus'
  | 'dns-loop'
  // Answered, and not validated although the name is signed: our resolver does not validate, or is not trusted to.
  | 'dns-unvalidated'
  // TCP
  | 'connect-refused'
  | 'connect-timeout'
  | 'connect-reset'
  | 'no-route'
  | 'address-denied'
  // SMTP before TLS (R31)
  | 'greeting-timeout'
  | 'greeting-4xx'
  | 'greeting-5xx'
  | 'greeting-malformed'
  | 'ehlo-failed'
  | 'smtp-timeout'
  | 'smtp-closed'
  | 'smtp-malformed'
  // TLS
  | 'tls-alert'
  | 'tls-timeout'
  | 'tls-closed'
  | 'tls-malformed'
  | 'client-limit'
  // HTTPS
  | 'http-timeout'
  | 'http-closed'
  | 'http-malformed'
  | 'http-too-large'
  | 'http-content-encoding'
  // us
  | 'deadline'
  | 'internal'
  // Not asked, or not to be told apart, because of an earlier answer.
  | 'moot'
