/** The part of dkim-signer that we use; the package has no types of its own. */
declare module 'dkim-signer' {
  export interface DkimSignOptions {
    readonly domainName: string
    readonly keySelector: string
    /** PEM. */
    readonly privateKey: string
    /** Names with colons between them; those that the mail does not have are left out of h=. */
    readonly headerFieldNames: string
  }
  /** The whole DKIM-Signature field, folded, without a line end. */
  export function DKIMSign(email: string, options: DkimSignOptions): string
}
