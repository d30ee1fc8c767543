import { display } from '../lib/display.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { MxRecord } from '../model/dns.ts'
import type { SupposedPolicy, SupposedTlsa, Supposition } from '../model/supposition.ts'
import { formatTlsa, parseTlsa } from '../protocol/dane/tlsa.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { Io } from './io.ts'
import { readPolicyFile } from './read-policy-file.ts'

/** The what-if options of `check`, as typed. */
export interface SupposeOptions {
  /** A file, `-` for standard input; null: the policy that is served. */
  readonly policy: string | null
  readonly mx: readonly string[]
  readonly tlsa: readonly string[]
  readonly stsRecord: string | null
}

export const NOTHING_SUPPOSED: SupposeOptions = { policy: null, mx: [], tlsa: [], stsRecord: null }

/** Preferences of hosts that were given without one: 10, 20, … */
const PREFERENCE_STEP = 10
const HIGHEST_PREFERENCE = 65_535

export function isAnythingSupposed({ policy, mx, tlsa, stsRecord }: SupposeOptions): boolean {
  return policy !== null || mx.length > 0 || tlsa.length > 0 || stsRecord !== null
}

/** What is to be supposed; a sentence about the first option that makes no sense, or the exit status after the file's fault was told. */
export async function readSupposition(
  options: SupposeOptions,
  domain: DomainName,
  io: Io,
): Promise<Result<Supposition, string | number>> {
  const mx = readAll(options.mx, readMx)
  if (!mx.ok) return mx
  const tlsa = readAll(options.tlsa, (text) => readTlsa(text))
  if (!tlsa.ok) return tlsa
  let policy: SupposedPolicy | null = null
  if (options.policy !== null) {
    const read = await readPolicyFile(options.policy, io)
    if (typeof read === 'number') return err(read)
    policy = read
  }
  return ok({
    domain,
    policy,
    stsRecord: options.stsRecord,
    mx: mx.value.length === 0 ? null : mx.value,
    tlsa: tlsa.value,
  })
}

function readAll<T>(
  texts: readonly string[],
  read: (text: string, index: number) => T | string,
): Result<readonly T[], string> {
  const all: T[] = []
  for (const [index, text] of texts.entries()) {
    const one = read(text, index)
    if (typeof one === 'string') return err(one)
    all.push(one)
  }
  return ok(all)
}

/** `mx1.example.org`, `10 mx1.example.org`, or `.` for the null MX (RFC 7505). */
function readMx(text: string, index: number): MxRecord | string {
  const complaint = `--mx ${display(text)}: write a host name, like mx1.example.org or "10 mx1.example.org"`
  const [, given, written = ''] = /^\s*(?:(\d{1,5})\s+)?(\S+)\s*$/.exec(text) ?? []
  const preference = given === undefined ? PREFERENCE_STEP * (index + 1) : Number(given)
  if (preference > HIGHEST_PREFERENCE) return complaint
  if (written === '.') return { preference, exchange: '.' }
  const exchange = parseDomainName(written)
  return exchange === null ? complaint : { preference, exchange }
}

/** `3 1 1 <hex>` for every MX host, `<host> 3 1 1 <hex>`, or the line of a zone file. */
function readTlsa(text: string): SupposedTlsa | string {
  const everywhere = parseTlsa(text)
  if (everywhere !== null) return { host: null, rdata: formatTlsa(everywhere) }
  const [, owner = '', rdata = ''] =
    /^\s*(\S+)\s+(?:\d+\s+)?(?:IN\s+)?TLSA\s+(.+)$/i.exec(text) ?? /^\s*(\S+)\s+(.+)$/.exec(text) ?? []
  const host = parseDomainName(owner.replace(/^_25\._tcp\./i, ''))
  const record = parseTlsa(rdata)
  return host === null || record === null
    ? `--tlsa "${display(text, 120)}": write "3 1 1 <hex>" for every MX host, or "mx1.example.org 3 1 1 <hex>"`
    : { host, rdata: formatTlsa(record) }
}
