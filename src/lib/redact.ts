import type { Secret } from './secret.ts'

/**
 * The text without any of the secrets, as they are, in base64 or URL-encoded: for what a far side answered, which may
 * quote what we sent (S44).
 */
export function redact(text: string, secrets: readonly Secret[]): string {
  return secrets.flatMap(spellings).reduce((clean, spelling) => clean.replaceAll(spelling, '[secret]'), text)
}

// Shorter ones would blot out ordinary words.
const SHORTEST = 4

function spellings(secret: Secret): readonly string[] {
  const value = secret.reveal()
  const base64 = Buffer.from(value, 'utf8').toString('base64')
  return [value, base64, base64.replace(/=+$/, ''), encodeURIComponent(value)].filter(
    (spelling) => spelling.length >= SHORTEST,
  )
}
