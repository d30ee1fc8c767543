import { sha256, sha512 } from '../../../src/lib/sha256.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { DnsAnswer } from '../../../src/model/dns.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { CertificateFacts, TlsFacts } from '../../../src/model/tls.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { BrokenDomain } from './broken.ts'
import {
  absent,
  answer,
  certificate,
  established,
  failed,
  healthy,
  ip,
  MX1,
  MX2,
  mxHost,
  mxRecords,
  NO_SECOND_SESSION,
  NOW,
  policyBody,
  secured,
  seen,
  serving,
  sessionAt,
  tls,
} from './snapshot-builder.ts'

const digest = (name: string) => sha256(`key of ${name}`)
const KEYS = { spkiSha256: digest('leaf'), sha256: digest('leaf certificate') }
const ISSUER = certificate('R11', {
  subject: 'CN=R11, O=Example Trust',
  issuer: 'CN=Root, O=Example Trust',
  spkiSha256: digest('issuer'),
  notAfterAt: NOW + 900 * DAY_MS,
})

function chain(edit: Partial<CertificateFacts> = {}, linked: number | null = 2): TlsFacts {
  return { ...tls(MX1), chain: [certificate(MX1, { ...KEYS, ...edit }), ISSUER], linked }
}

/** The first MX host with these TLSA records in a signed zone, and this chain at its address. */
export function withTlsa(
  tlsa: Observation<DnsAnswer<readonly string[]>>,
  facts: TlsFacts = chain(),
  edit: Partial<Snapshot> = {},
): Snapshot {
  const host: MxHost = mxHost(MX1, [], {
    addresses: secured([ip('192.0.2.25')]),
    tlsa,
    tlsaBase: tlsa.outcome === 'seen' ? (MX1 as DomainName) : null,
    sessions: [{ ...sessionAt('192.0.2.25', established(facts)), dane: NO_SECOND_SESSION }],
  })
  return serving(policyBody({ mx: [MX1] }), {
    mx: { ...mxRecords(MX1), value: secured(mxRecords(MX1).value.records).value },
    hosts: [host],
    ...edit,
  })
}

const RIGHT = `3 1 1 ${KEYS.spkiSha256}`
const NOTHING = sha256('')
const CERTIFICATE_TOO = 'critical mx.certificate.'

/** TLSA records that are wrong, and what is said of them. */
export const BROKEN_DANE: readonly BrokenDomain[] = [
  { name: 'a record for the key in use', snapshot: withTlsa(secured([RIGHT])), findings: [] },
  {
    name: 'a record for another key',
    snapshot: withTlsa(secured([`3 1 1 ${digest('old')}`])),
    findings: ['critical dane.tlsa.mismatch mx1.example.com'],
  },
  {
    name: 'a record for the next key beside the right one',
    snapshot: withTlsa(secured([RIGHT, `3 1 1 ${digest('next')}`])),
    findings: [],
  },
  {
    name: 'the key of the certificate before',
    snapshot: withTlsa(secured([`3 1 1 ${digest('old')}`])),
    context: { before: withTlsa(secured([]), chain({ spkiSha256: digest('old') })) },
    findings: ['critical dane.tlsa.mismatch mx1.example.com'],
  },
  {
    name: 'an anchor that is sent',
    snapshot: withTlsa(secured([`2 1 1 ${ISSUER.spkiSha256}`])),
    findings: [],
  },
  {
    name: 'an anchor that is not sent',
    snapshot: withTlsa(secured([`2 1 1 ${digest('root')}`])),
    findings: ['critical dane.tlsa.anchor-not-sent mx1.example.com'],
  },
  {
    name: 'an anchor that the signatures do not lead to',
    snapshot: withTlsa(secured([`2 1 1 ${ISSUER.spkiSha256}`]), chain({}, 1)),
    findings: ['critical dane.tlsa.mismatch mx1.example.com'],
  },
  {
    name: 'an anchor, and a certificate for another name',
    snapshot: withTlsa(secured([`2 1 1 ${ISSUER.spkiSha256}`]), chain({ dnsNames: ['other.example'] })),
    findings: [
      'critical dane.tlsa.name-mismatch mx1.example.com',
      `${CERTIFICATE_TOO}name-mismatch mx1.example.com`,
    ],
  },
  {
    name: 'an anchor, and a certificate that has ended',
    snapshot: withTlsa(secured([`2 1 1 ${ISSUER.spkiSha256}`]), {
      ...chain({ notAfterAt: NOW - DAY_MS }),
      webPkiError: 'CERT_HAS_EXPIRED',
    }),
    findings: [
      'critical dane.tlsa.chain-expired mx1.example.com',
      `${CERTIFICATE_TOO}expired mx1.example.com`,
    ],
  },
  {
    name: 'the own key, whatever the name and date of the certificate',
    snapshot: withTlsa(secured([RIGHT]), {
      ...chain({ notAfterAt: NOW - DAY_MS, dnsNames: ['other.example'] }),
      webPkiError: 'CERT_HAS_EXPIRED',
    }),
    findings: [
      `${CERTIFICATE_TOO}expired mx1.example.com`,
      `${CERTIFICATE_TOO}name-mismatch mx1.example.com`,
    ],
  },
  {
    name: 'nothing but usages of the web',
    snapshot: withTlsa(secured([`1 1 1 ${KEYS.spkiSha256}`, `0 0 1 ${digest('root')}`])),
    findings: ['warning dane.tlsa.unusable mx1.example.com'],
  },
  {
    name: 'a usage of the web beside a good record',
    snapshot: withTlsa(secured([RIGHT, `1 1 1 ${KEYS.spkiSha256}`])),
    findings: ['info dane.tlsa.unusable mx1.example.com'],
  },
  {
    name: 'a digest of the wrong length',
    snapshot: withTlsa(secured(['3 1 1 abcd'])),
    findings: ['warning dane.tlsa.malformed mx1.example.com'],
  },
  {
    name: 'the digest of nothing',
    snapshot: withTlsa(secured([`3 1 1 ${NOTHING}`])),
    findings: ['critical dane.tlsa.empty-digest mx1.example.com'],
  },
  {
    name: 'the longer digest of nothing beside a good record of the other selector',
    snapshot: withTlsa(secured([`3 0 2 ${sha512(Buffer.alloc(0))}`, RIGHT])),
    findings: ['warning dane.tlsa.empty-digest mx1.example.com'],
  },
  {
    name: 'a weak digest that is right and a strong one that is wrong',
    snapshot: withTlsa(secured([RIGHT, `3 1 2 ${sha512(Buffer.from('old'))}`])),
    findings: ['critical dane.tlsa.mismatch mx1.example.com'],
  },
  {
    name: 'records in a zone that is not signed',
    snapshot: withTlsa(answer([RIGHT])),
    findings: ['warning dane.tlsa.insecure mx1.example.com'],
  },
  {
    name: 'no records where they are required',
    snapshot: withTlsa({ ...absent(), security: 'secure' }),
    domain: { dane: 'required' },
    findings: ['warning dane.tlsa.missing mx1.example.com'],
  },
  {
    name: 'no records where they are not',
    snapshot: withTlsa({ ...absent(), security: 'secure' }),
    findings: [],
  },
  {
    name: 'a question for records that fails while the addresses are known',
    snapshot: withTlsa(failed('dns-servfail')),
    findings: ['critical dane.tlsa.lookup-failing mx1.example.com'],
  },
  {
    name: 'the same, and nobody wants to hear of DANE',
    snapshot: withTlsa(failed('dns-servfail')),
    domain: { dane: 'ignore' },
    findings: [],
  },
  {
    name: 'records at one of two hosts',
    snapshot: withTlsa(secured([RIGHT]), chain(), {
      policyHost: healthy().policyHost,
      mx: mxRecords(MX1, MX2),
      hosts: [
        ...withTlsa(secured([RIGHT])).hosts,
        mxHost(MX2, ['198.51.100.25'], {
          addresses: secured([ip('198.51.100.25')]),
          tlsa: { ...absent(), security: 'secure' },
        }),
      ],
    }),
    findings: ['info dane.tlsa.partial'],
  },
  {
    name: 'a second session for DANE that shows another chain',
    snapshot: withSecondSession(chain({ spkiSha256: digest('by SNI') })),
    findings: ['critical dane.tlsa.mismatch mx1.example.com'],
  },
]

function withSecondSession(facts: TlsFacts): Snapshot {
  const whole = withTlsa(secured([RIGHT]))
  const hosts = whole.hosts.map((host) => ({
    ...host,
    sessions: host.sessions.map((session) => ({
      ...session,
      dane: seen({
        greeting: '220',
        capabilities: ['STARTTLS'],
        startTls: established(facts),
        ownAddress: null,
      }),
    })),
  }))
  return { ...whole, hosts }
}
