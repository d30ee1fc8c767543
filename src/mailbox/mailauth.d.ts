/** The parts of mailauth that we use; its own types describe only the whole verifier. */

declare module 'mailauth/lib/dkim/body/index.js' {
  export function dkimBody(
    canonicalization: 'simple' | 'relaxed',
    algorithm: 'sha256',
    maxBodyLength: number | '',
  ): {
    update(chunk: Uint8Array): void
    digest(encoding: 'base64'): string
  }
}

declare module 'mailauth/lib/dkim/header/index.js' {
  export function generateCanonicalizedHeader(
    type: 'DKIM',
    signed: { readonly headers: readonly { readonly line: string }[] },
    options: {
      readonly signatureHeaderLine: string
      readonly canonicalization: string
      readonly strict: boolean
    },
  ): { readonly canonicalizedHeader: Buffer }
}
