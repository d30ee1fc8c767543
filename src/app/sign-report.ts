import { judgeDkimRecord } from '../check/dkim-record.ts'
import { display } from '../lib/display.ts'
import type { DkimKey } from '../mail/dkim-sign.ts'
import { mailSigner } from '../mail/mail-signer.ts'
import { selfVerify } from '../mail/self-verify.ts'
import type { Resolver } from '../model/dns.ts'
import { keyRecordName } from '../protocol/dkim/format-key-record.ts'
import { readRsaPrivateKey } from '../protocol/dkim/rsa-private-key.ts'

/** held: receivers would not count it. unknown: the published key could not be looked up just now. */
export type SignedReport =
  | { readonly outcome: 'signed'; readonly raw: string }
  | { readonly outcome: 'held' | 'unknown'; readonly why: string }

/**
 * Signs a report mail with every key, the key for reports first, and verifies the signature of that one against the key
 * that is *published*, as its receivers will (R74): it must be ours, serve TLS reports and cover the whole body.
 */
export async function signReport(
  raw: string,
  keys: readonly [DkimKey, ...DkimKey[]],
  resolver: Resolver,
  signal: AbortSignal,
): Promise<SignedReport> {
  const signed = await mailSigner(keys).sign(raw)
  if (signed.outcome === 'unsigned') return { outcome: 'held', why: signed.why }
  const [key] = keys
  const name = keyRecordName(key.selector, key.domain)
  const look = await resolver.txt(name, signal)
  if (look.outcome === 'failed') {
    return {
      outcome: 'unknown',
      why: display(`the key at ${name} could not be looked up: ${look.fault.detail}`),
    }
  }
  const records = look.outcome === 'seen' ? look.value.records : []
  const cnames = look.outcome === 'seen' ? look.value.cnames : []
  const why =
    whyNotPublished(key, { records, cnames }) ?? (await whyNotVerified(signed.raw, key, name, records))
  return why === null ? { outcome: 'signed', raw: signed.raw } : { outcome: 'held', why }
}

function whyNotPublished(key: DkimKey, published: Parameters<typeof judgeDkimRecord>[0]): string | null {
  const facts = readRsaPrivateKey(key.privateKey.reveal())
  if (!facts.ok) return `the key ${facts.error}`
  const { works, problems } = judgeDkimRecord(published, facts.value.publicKey, 'reports')
  if (works.includes('reports')) return null
  const problem = problems.find(({ severity }) => severity === 'error') ?? problems[0]
  const name = keyRecordName(key.selector, key.domain)
  return `${name}: ${problem?.message ?? 'the published key does not serve TLS reports'}`
}

async function whyNotVerified(
  raw: string,
  { domain, selector }: DkimKey,
  name: string,
  records: readonly string[],
): Promise<string | null> {
  const checked = await selfVerify(raw, new Map([[name, records[0] ?? '']]))
  const ours = checked.find((one) => one.domain === domain && one.selector === selector)
  return ours === undefined ? 'the signature is missing' : ours.why
}
