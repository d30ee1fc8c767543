import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { err, ok, type Result } from '../lib/result.ts'
import { sha256 } from '../lib/sha256.ts'
import type { NextKey } from '../plan/plan-roll-tlsa.ts'

/** The coming certificate or key of a PEM file: a certificate, or a public or private key. The private part is not used. */
export async function readNextKey(option: string, file: string): Promise<Result<NextKey, string>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    return err(`${option} ${file}: ${(error as Error).message}`)
  }
  try {
    if (!text.includes('-----BEGIN CERTIFICATE-----')) {
      return ok({ spkiSha256: spkiSha256(createPublicKey(text)), certificateSha256: null })
    }
    const certificate = new X509Certificate(text)
    return ok({ spkiSha256: spkiSha256(certificate.publicKey), certificateSha256: sha256(certificate.raw) })
  } catch {
    return err(`${option} ${file}: write a PEM file with the certificate, or with its public or private key`)
  }
}

/** RFC 7671 §5.1: what a record "3 1 1" holds. */
function spkiSha256(key: KeyObject): string {
  return sha256(key.export({ type: 'spki', format: 'der' }))
}
