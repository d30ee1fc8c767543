/** TLSA records as SMTP uses them (RFC 6698 §2.1, RFC 7672 §3.1). */

export interface TlsaRecord {
  /** 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE (RFC 7218 §2.1). */
  readonly usage: number
  /** 0 the whole certificate, 1 its public key. */
  readonly selector: number
  /** 0 the bytes themselves, 1 their SHA-256, 2 their SHA-512. */
  readonly matching: number
  /** Lower-case hex; may be empty. */
  readonly data: string
}

/** Why senders leave a record out (RFC 7672 §3.1, RFC 7671 §4). */
export type TlsaFlaw =
  /** Usages 0 and 1 mean nothing on port 25 (RFC 7672 §3.1.3). */
  | 'pkix-usage'
  | 'unknown-usage'
  | 'unknown-selector'
  | 'unknown-matching'
  | 'no-data'
  /** A digest of another length than its matching type has. */
  | 'digest-length'
  /** The digest of nothing at all: whatever made the record had no certificate to read. It is well-formed, and matches none. */
  | 'digest-of-nothing'

const RDATA = /^(\d{1,3}) (\d{1,3}) (\d{1,3})(?: ([0-9a-f ]*))?$/i
const DIGEST_HEX: Readonly<Record<number, number>> = { 1: 64, 2: 128 }
const OF_NOTHING: ReadonlySet<string> = new Set([
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
])

/** Reads `usage selector matching hex`, blanks inside the hex closed up. Null when it is anything else. */
export function parseTlsa(rdata: string): TlsaRecord | null {
  const [, usage = '', selector = '', matching = '', hex = ''] = RDATA.exec(rdata.trim()) ?? []
  const data = hex.replaceAll(' ', '').toLowerCase()
  const numbers = [usage, selector, matching].map(Number)
  if (usage === '' || numbers.some((number) => number > 255) || data.length % 2 === 1) return null
  const [u = 0, s = 0, m = 0] = numbers
  return { usage: u, selector: s, matching: m, data }
}

/** `usage selector matching hex`, as it stands in a zone file. */
export function formatTlsa({ usage, selector, matching, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matching} ${data}`
}

/** What is wrong with a record; null: senders use it. */
export function tlsaFlaw({ usage, selector, matching, data }: TlsaRecord): TlsaFlaw | null {
  if (usage === 0 || usage === 1) return 'pkix-usage'
  if (usage > 3) return 'unknown-usage'
  if (selector > 1) return 'unknown-selector'
  if (matching > 2) return 'unknown-matching'
  if (data === '') return 'no-data'
  const length = DIGEST_HEX[matching]
  if (length !== undefined && data.length !== length) return 'digest-length'
  return OF_NOTHING.has(data) ? 'digest-of-nothing' : null
}

/** May senders authenticate by this record? That of nothing is one to them, and simply matches no certificate. */
export function isUsable(record: TlsaRecord): boolean {
  const flaw = tlsaFlaw(record)
  return flaw === null || flaw === 'digest-of-nothing'
}

/**
 * Digest agility (RFC 7671 §9): of the usable records of one usage and selector those with the whole value and those with
 * the strongest digest; weaker digests are not looked at.
 */
export function agileRecords(records: readonly TlsaRecord[]): readonly TlsaRecord[] {
  const usable = records.filter(isUsable)
  const groups = Map.groupBy(usable, ({ usage, selector }) => `${usage} ${selector}`)
  const kept = new Set(
    [...groups.values()].flatMap((group) => {
      const strongest = Math.max(...group.map(({ matching }) => matching))
      return group.filter(({ matching }) => matching === 0 || matching === strongest)
    }),
  )
  return usable.filter((record) => kept.has(record))
}
