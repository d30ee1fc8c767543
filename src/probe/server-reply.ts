import type { ServerReply, ZoneRecordType } from '../model/zone-look.ts'
import { compareText } from './compare-text.ts'
import type { DnsRecord, DnsReply } from './dns-message.ts'

/** The reply of an authoritative server as it is kept; nothing is followed and nothing judged. */
export function serverReply(
  reply: DnsReply,
  { name, type }: { readonly name: string; readonly type: ZoneRecordType | 'SOA' },
): ServerReply {
  const own = reply.records.filter(({ owner }) => owner === name)
  const wanted = own.filter((record) => record.type === type)
  // An alias stands alone at its name (RFC 1034 §3.6.2).
  const shown = wanted.length > 0 ? wanted : own.filter((record) => record.type === 'CNAME')
  const answered = shown.find((record) => record.type === 'SOA')
  const soa = answered?.soa ?? reply.denialSoa?.soa ?? null
  const denialTtl = soa === null ? null : Math.min(soa.minimumSeconds, soa.ttlSeconds)
  return {
    rcode: reply.rcode,
    authoritative: reply.authoritative,
    isReferral: reply.isReferral,
    records: type === 'SOA' ? [] : [...new Set(shown.map(textOf))].sort(compareText),
    ttlSeconds: shown.length > 0 ? Math.min(...shown.map(({ ttlSeconds }) => ttlSeconds)) : denialTtl,
    soa,
  }
}

function textOf(record: DnsRecord): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return record.address
    case 'CNAME':
      return `CNAME ${record.target}.`
    case 'MX':
      return `${record.preference} ${record.exchange === '.' ? '.' : `${record.exchange}.`}`
    case 'TXT':
      return record.text
    case 'TLSA':
      return record.rdata
    case 'NS':
      return `${record.target}.`
    case 'SOA':
      return String(record.soa.serial)
  }
}
