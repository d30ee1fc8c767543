/** One complaint of a strict parser. Parsers give all of them, never only the first. */
export interface Problem {
  /** Stable, kebab-case: `max-age-missing`. */
  readonly code: string
  /**
   * error: invalid by the RFC. warning: valid, but senders are known to refuse or misread it, or it cannot do what it
   * seems to. info: worth knowing.
   */
  readonly severity: 'error' | 'warning' | 'info'
  /** 1-based; null when it concerns the whole. */
  readonly line: number | null
  readonly message: string
  /** "RFC 8461 §3.2" */
  readonly rfc: string
}

/** `value` is null exactly when a problem of severity error exists. */
export interface Parsed<T> {
  readonly value: T | null
  readonly problems: readonly Problem[]
}
