/** What becomes of a mail on the server once its report is in the database. */
export type AfterReading =
  /** It gets the keyword `$BotProcessed`. */
  { readonly kind: 'flag' } | { readonly kind: 'move'; readonly folder: string } | { readonly kind: 'leave' }
