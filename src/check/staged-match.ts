import type { StagedKey, TlsaData } from '../model/staged-key.ts'
import type { CertificateFacts } from '../model/tls.ts'

/** The fields of a TLSA record as text; null when they are not four. */
function fieldsOf(record: string) {
  const [usage, selector, matching, data, ...rest] = record.trim().split(/\s+/)
  if (data === undefined || rest.length > 0) return null
  return { usage, selector, matching, data: data.toLowerCase() }
}

/**
 * Would this TLSA record vouch for the staged key (RFC 6698 §2.1, RFC 7672 §3.1)? Usage 3 by the leaf; usage 2 by a certificate of
 * its file above the leaf. What only a certificate tells, a bare key does not: then it does not vouch.
 */
export function vouchesForStaged(record: string, { key, chain }: StagedKey): boolean {
  const fields = fieldsOf(record)
  if (fields === null) return false
  const data = (whole: TlsaData | null, own: TlsaData) =>
    dataBy(fields.matching, fields.selector === '0' ? whole : fields.selector === '1' ? own : null)
  if (fields.usage === '3') return data(chain[0]?.whole ?? null, key) === fields.data
  if (fields.usage !== '2') return false
  return chain.slice(1).some((certificate) => data(certificate.whole, certificate.key) === fields.data)
}

function dataBy(matching: string | undefined, data: TlsaData | null): string | null {
  if (data === null) return null
  switch (matching) {
    case '0':
      return data.exact
    case '1':
      return data.sha256
    case '2':
      return data.sha512
    default:
      return null
  }
}

/**
 * Does this record vouch for a chain as a server sent it, leaf first? Null: it may, what is kept of a certificate is its SHA-256
 * alone.
 */
export function vouchesForPresented(record: string, chain: readonly CertificateFacts[]): boolean | null {
  const fields = fieldsOf(record)
  if (fields === null || (fields.usage !== '2' && fields.usage !== '3')) return false
  if (fields.matching !== '1') return null
  const certificates = fields.usage === '3' ? chain.slice(0, 1) : chain.slice(1)
  return certificates.some(({ sha256, spkiSha256 }) => {
    if (fields.selector === '0') return sha256 === fields.data
    return fields.selector === '1' && spkiSha256 === fields.data
  })
}

/** Is it a record of a server's own key (usage 3), the kind that a change of the key replaces? */
export function isOfServerKey(record: string): boolean {
  return fieldsOf(record)?.usage === '3'
}
