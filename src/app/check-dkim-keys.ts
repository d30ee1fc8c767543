/** Our DKIM keys against what is published for them. */

import { type DkimJudgement, type DkimUse, judgeDkimRecord } from '../check/dkim-record.ts'
import type { DkimKeySettings, DkimSettings } from '../config/dkim-env.ts'
import { display } from '../lib/display.ts'
import type { Resolver } from '../model/dns.ts'
import { formatKeyRecord, keyRecordName } from '../protocol/dkim/format-key-record.ts'
import { readRsaPrivateKey } from '../protocol/dkim/rsa-private-key.ts'
import type { DomainName } from '../protocol/domain-name.ts'

/** One key of ours, and what the DNS says of it. */
export interface CheckedKey {
  readonly use: DkimUse
  readonly selector: string
  readonly name: DomainName
  /** As it ought to be published. */
  readonly record: string
  /** Null when the DNS gave no answer; `why` says so. */
  readonly judgement: DkimJudgement | null
  readonly why: string | null
}

/** Looks up the record of each key that the environment has, and judges it. */
export async function checkDkimKeys(
  settings: DkimSettings,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<readonly CheckedKey[]> {
  return Promise.all(keysOf(settings).map((key) => checkKey(key, resolver, signal)))
}

/** Whether something must be done about a key's record. */
export function hasProblem({ problems }: DkimJudgement): boolean {
  return problems.some(({ severity }) => severity !== 'info')
}

type OurKey = Pick<CheckedKey, 'use' | 'selector' | 'name' | 'record'> & { readonly publicKey: string }

function keysOf({ domain, mail, report }: DkimSettings): readonly OurKey[] {
  return [
    ...(mail === null ? [] : [ourKey('mail', domain, mail)]),
    ...(report === null ? [] : [ourKey('reports', domain, report)]),
  ]
}

function ourKey(use: DkimUse, domain: DomainName, { selector, privateKey }: DkimKeySettings): OurKey {
  const facts = readRsaPrivateKey(privateKey.reveal())
  if (!facts.ok) throw new Error(`the key of ${selector} ${facts.error}`)
  const { publicKey } = facts.value
  const record = formatKeyRecord({ publicKey, service: use === 'reports' ? 'tlsrpt' : null })
  return { use, selector, name: keyRecordName(selector, domain), record, publicKey }
}

async function checkKey(
  { publicKey, ...key }: OurKey,
  resolver: Resolver,
  signal: AbortSignal,
): Promise<CheckedKey> {
  const look = await resolver.txt(key.name, signal)
  switch (look.outcome) {
    case 'seen': {
      const { records, cnames } = look.value
      return { ...key, judgement: judgeDkimRecord({ records, cnames }, publicKey, key.use), why: null }
    }
    case 'absent':
      return {
        ...key,
        judgement: judgeDkimRecord({ records: [], cnames: [] }, publicKey, key.use),
        why: null,
      }
    case 'failed':
      return { ...key, judgement: null, why: display(look.fault.detail) }
    case 'skipped':
      return { ...key, judgement: null, why: display(look.because) }
  }
}
