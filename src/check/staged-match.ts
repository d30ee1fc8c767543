import type { StagedKey, TlsaData } from '../model/staged-key.ts'
import { agileRecords, parseTlsa, type TlsaRecord } from '../protocol/dane/tlsa.ts'

/**
 * Would one of these records, as published, vouch for the staged key (RFC 6698 §2.1, RFC 7672 §3.1)? Usage 3 by the leaf; usage 2
 * by a certificate of its file above the leaf. What only a certificate tells, a bare key does not: then it does not vouch.
 */
export function vouchForStaged(records: readonly string[], staged: StagedKey): boolean {
  return agileRecords(parsed(records)).some((record) => isOfStaged(record, staged))
}

/** The records of servers' own keys (usage 3) that are not of the staged one: what a change of the key leaves behind. */
export function recordsOfOthers(records: readonly string[], staged: StagedKey): readonly string[] {
  return records.filter((text) => {
    const record = parseTlsa(text)
    return record?.usage === 3 && !isOfStaged(record, staged)
  })
}

function parsed(records: readonly string[]): readonly TlsaRecord[] {
  return records.flatMap((text) => parseTlsa(text) ?? [])
}

function isOfStaged({ usage, selector, matching, data }: TlsaRecord, { key, chain }: StagedKey): boolean {
  const dataOf = (whole: TlsaData | null, own: TlsaData) => dataBy(matching, selector === 0 ? whole : own)
  if (usage === 3) return dataOf(chain[0]?.whole ?? null, key) === data
  return chain.slice(1).some((certificate) => dataOf(certificate.whole, certificate.key) === data)
}

function dataBy(matching: number, data: TlsaData | null): string | null {
  if (data === null) return null
  if (matching === 0) return data.exact
  return matching === 1 ? data.sha256 : data.sha512
}
