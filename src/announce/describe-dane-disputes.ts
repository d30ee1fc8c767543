import { display } from '../lib/display.ts'
import type { RemedyLine } from '../model/description.ts'
import type { DaneEvidence, StsObjection } from '../model/evidence/dane-evidence.ts'
import type { CertificateFacts } from '../model/tls.ts'
import { tlsaData } from '../protocol/dane/match.ts'
import { code, type Describers, hostName, share, text } from './words.ts'

export const DEFER =
  'Senders that do DANE do not deliver to this host: they try another one, and keep the mail in their queue when there is none.'
export const DANE_SENDERS = 'Exchange Online, and Postfix with smtp_tls_security_level = dane'

type DisputeCode = 'dane.tlsa.digests-disagree' | 'dane.sts.disagree'

/** Records that contradict each other, and DANE and MTA-STS that do, in words. */
export const DANE_DISPUTE_WORDS: Describers<DisputeCode> = {
  'dane.tlsa.digests-disagree': ({ evidence }) => ({
    title: `The digests in the TLSA records of MX ${hostName(evidence.host)} name different certificates`,
    seen: `${display(evidence.records.slice(0, 6).join('; '), 700)}. ${dispute(evidence)}`,
    impact: evidence.isRefused
      ? `Senders that know SHA-512 look at the longer digest alone (RFC 7671 §9), and it does not match. ${DEFER}`
      : 'Which digest a sender looks at is its own affair: those that know only one of them get another answer than the rest, now or at the next change of keys.',
    remedy: [
      ...(evidence.certificate === null ? [] : missingDigest(evidence, evidence.certificate)),
      text(
        `Publish digests of the same certificates with both matching types, or remove the records of matching type 2: SHA-256 is enough, and every sender knows it.`,
      ),
    ],
    rfc: 'RFC 7671 §8',
  }),
  'dane.sts.disagree': ({ evidence }) => ({
    title: `MX ${hostName(evidence.host)} is good enough for DANE and refused by MTA-STS${share(evidence.addresses.length, evidence.of)}`,
    seen: `The TLSA records at ${display(evidence.owner)} vouch for what the host shows at ${evidence.addresses.join(', ')}. MTA-STS (mode ${evidence.mode}) objects: ${evidence.objections.map((one) => OBJECTIONS[one]).join('; ')}.`,
    impact: `Senders that do DANE deliver (${DANE_SENDERS}); those that honour MTA-STS alone, like Gmail, ${evidence.mode === 'enforce' ? 'do not' : 'report a failure, and in mode enforce would not'}.`,
    remedy: [
      text(
        evidence.objections.some((one) => one !== 'not-in-policy')
          ? 'Use a certificate of a public authority that names the host; keep its key, or publish the TLSA record of the new key first.'
          : 'List the host in the policy, and publish a new id:',
      ),
      ...(evidence.objections.includes('not-in-policy') ? [code(`mx: ${evidence.host}`)] : []),
    ],
    rfc: 'RFC 8461 §2',
  }),
}

const OBJECTIONS: Readonly<Record<StsObjection, string>> = {
  'not-in-policy': 'no mx line of the policy names the host',
  name: 'the certificate does not name the host',
  expired: 'the certificate has expired',
  untrusted: 'the certificate is not of a public authority',
}

type DigestEvidence = DaneEvidence['dane.tlsa.digests-disagree']

function dispute({ usage, selector, certificate, lacking }: DigestEvidence): string {
  const kind = `usage ${usage}, selector ${selector}`
  const named = (matching: number) => (matching === 1 ? 'SHA-256' : 'SHA-512')
  const one = named(lacking)
  const other = named(3 - lacking)
  return certificate === null
    ? `Of ${kind} there are fewer ${one} digests (matching type ${lacking}) than ${other} ones.`
    : `Of ${kind} a ${other} digest names what the host shows, and no ${one} digest (matching type ${lacking}) does.`
}

function missingDigest(
  { owner, usage, selector, lacking }: DigestEvidence,
  certificate: CertificateFacts,
): readonly RemedyLine[] {
  const data = tlsaData(certificate, selector, lacking)
  if (data === null) return []
  return [
    text('The record that is missing for what the host shows:'),
    code(`${owner}. TLSA ${usage} ${selector} ${lacking} ${data}`),
  ]
}
