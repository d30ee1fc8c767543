/** A finding in words. Plain text: each channel escapes and lays out by itself. */
export interface Description {
  /** "MX mx2.example.net is not covered by the MTA-STS policy (mode enforce)" */
  readonly title: string
  /** What was expected and what was seen; one or two sentences. */
  readonly seen: string
  /** Who is hurt, from when, until when; null when nobody is. */
  readonly impact: string | null
  readonly remedy: readonly RemedyLine[]
  /** "RFC 8461 §4.1" */
  readonly rfc: string
}

export type RemedyLine =
  | { readonly kind: 'text'; readonly text: string }
  /** An exact line or record to publish. */
  | { readonly kind: 'code'; readonly text: string }
