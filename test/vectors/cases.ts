import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** What every case of a TXT or policy table carries. */
interface Verdict {
  readonly id: string
  readonly valid: boolean
  readonly monitor: 'ok' | 'warn' | 'error'
  readonly ambiguous?: boolean
}

export interface PolicyCase extends Verdict {
  readonly input?: string
  readonly input_b64?: string
  readonly input_rule?: string
  readonly expect?: { readonly mode: string; readonly max_age: number; readonly mx: readonly string[] }
}

export interface RecordCase<Expected> extends Verdict {
  readonly records: readonly string[]
  readonly expect?: Expected
}

export interface MatchCase {
  readonly pattern: string
  readonly host: string
  readonly match: boolean
  readonly pattern_valid?: boolean
  /** Readers whose own code said yes; absent in our additional table. */
  readonly matched_by: readonly string[]
}

export interface ReportCase {
  readonly id: string
  readonly strict: boolean
  readonly outcome: 'accept' | 'accept_warn' | 'partial' | 'reject'
  readonly input?: string
  readonly input_b64?: string
  readonly success?: number
  readonly failure?: number
}

/** A mail around a report, told in words; `outcome` is what becomes of the report. */
export interface ContainerCase {
  readonly id: string
  readonly outcome: ReportCase['outcome'] | 'ignore' | 'reject_or_warn'
}

export const policyCases = (load('mtasts-cases.yaml') as { policy: PolicyCase[] }).policy
export const stsRecordCases = (load('sts-txt-cases.yaml') as { sts_txt: RecordCase<string>[] }).sts_txt
export const tlsrptRecordCases = (load('tlsrpt-txt-cases.yaml') as { tlsrpt_txt: RecordCase<string[]>[] })
  .tlsrpt_txt
export const matchCases = (load('mx-match-cases.yaml') as { mx_match: MatchCase[] }).mx_match

/** Our additional tables: the verdict and the value, no severities. */
export interface OwnCases {
  readonly policy: readonly (Omit<PolicyCase, 'monitor'> & { readonly input: string })[]
  readonly sts_txt: readonly Omit<RecordCase<string>, 'monitor'>[]
  readonly tlsrpt_txt: readonly Omit<RecordCase<string[]>, 'monitor'>[]
  readonly mx_match: readonly Omit<MatchCase, 'matched_by'>[]
}
export const ownCases = load('own-cases.yaml') as OwnCases

/** One TLSA record; `flaw` says why senders leave it out. */
export interface TlsaRecordCase {
  readonly id: string
  readonly rdata: string
  readonly flaw: string | null
}

/** A chain against a set of TLSA records; the symbols are told in the file. */
export interface DaneMatchCase {
  readonly id: string
  readonly records: readonly string[]
  readonly sent?: readonly string[]
  readonly linked?: number
  readonly names?: readonly string[]
  readonly common_name?: string
  readonly ended?: readonly string[]
  readonly early?: readonly string[]
  readonly reference?: readonly string[]
  readonly expect: string
}

const dane = load('dane-cases.yaml') as { record: TlsaRecordCase[]; match: DaneMatchCase[] }
export const tlsaRecordCases = dane.record
export const daneMatchCases = dane.match

const tlsrptJson = load('tlsrpt-json-cases.yaml') as { json: ReportCase[]; container: ContainerCase[] }
export const reportCases = tlsrptJson.json
export const containerCases = tlsrptJson.container

/** What a report case gives to the reader: a text, or bytes that are no UTF-8. */
export function reportSource({ input = '', input_b64 }: ReportCase): string | Uint8Array {
  return input_b64 === undefined ? input : Buffer.from(input_b64, 'base64')
}

const BASE_POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 604800\r\n'

/** The bytes a policy case stands for. */
export function policyBytes(testCase: PolicyCase): Buffer {
  if (testCase.input_b64 !== undefined) return Buffer.from(testCase.input_b64, 'base64')
  if (testCase.input !== undefined) return Buffer.from(testCase.input)
  // The one case given by a rule: the base policy and 700 extension lines.
  const extensions = Array.from({ length: 700 }, (_, n) => `ext${n}: ${'x'.repeat(90)}\r\n`)
  return Buffer.from(BASE_POLICY + extensions.join(''))
}

/** The policy case's text as a fetcher hands it on: invalid UTF-8 replaced, a byte order mark kept. */
export function policyText(testCase: PolicyCase): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(policyBytes(testCase))
}

function load(file: string): unknown {
  return parse(readFileSync(new URL(file, import.meta.url), 'utf8'))
}
