/** RFC 6376 §6 on our own mail, before it goes out. */

/** What became of one signature; `why` is null exactly when it holds. */
export interface CheckedSignature {
  readonly domain: string
  readonly selector: string
  readonly why: string | null
}

/**
 * Verifies every DKIM signature of a message against key records, given by name (`<selector>._domainkey.<domain>`),
 * with a verifier that shares no code with the signer. Asks no DNS. The service of a key is not judged here: a key for
 * TLS reports alone signs as well as any.
 */
export async function selfVerify(
  signed: string,
  keyRecords: ReadonlyMap<string, string>,
): Promise<readonly CheckedSignature[]> {
  // Loaded only by those who sign: it is large.
  const { dkimVerify } = await import('mailauth')
  const resolver = async (name: string) => {
    const record = keyRecords.get(name)
    if (record === undefined) throw Object.assign(new Error('no such record'), { code: 'ENOTFOUND' })
    // mailauth ignores keys that are not for ordinary mail (RFC 6376 §3.6.1), whatever they sign.
    return [[record.replace(/((?:^|;)[ \t]*s[ \t]*=)[^;]*/, '$1*')]]
  }
  const { results } = await dkimVerify(Buffer.from(signed, 'latin1'), { resolver, minBitLength: 2048 })
  return results.map(({ signingDomain, selector, status, canonBodyLengthLimited }) => ({
    domain: String(signingDomain),
    selector: String(selector),
    why: whyNot(status, canonBodyLengthLimited === true),
  }))
}

function whyNot(
  status: { readonly result: string; readonly comment?: string | false } | undefined,
  isLimited: boolean,
): string | null {
  if (status?.result !== 'pass') return status?.comment || (status?.result ?? 'no result')
  // RFC 6376 §8.2: l= would let others append.
  return isLimited ? 'it covers a part of the body only' : null
}
