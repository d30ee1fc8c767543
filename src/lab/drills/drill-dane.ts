import { addressFor, editDomain, healthyDomain, mailHost, policy } from '../build-world.ts'
import { CERTIFICATES, type CertificateSpec, certificate } from '../certificate-spec.ts'
import { KNOWN_SPKI_SHA256 } from '../known-keys.ts'
import type { LabRecord, World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, withDomain, withHost, withPolicy } from './drill.ts'

const MX1 = `mx1.${DRILL_DOMAIN}`
const MX2 = `mx2.${DRILL_DOMAIN}`
const OWNER = `_25._tcp.${MX1}`
/** Of a provider whose zone is not signed. */
const OUTSIDE = 'mx.provider.test'
const FIRST = KNOWN_SPKI_SHA256.first
const ANOTHER = 'ab'.repeat(32)
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

type Rdata = readonly [usage: number, selector: number, matching: number, data: string]

/** A signed zone; the key of the MX host is known, and its TLSA record names it. */
function inOrder(world: World): World {
  return withTlsa([3, 1, 1, FIRST])(showing({})(withDomain({ secure: true })(world)))
}

/** The same, by the authority of the certificate. */
function byAuthority(world: World): World {
  return withTlsa([2, 1, 1, '@lab'])(inOrder(world))
}

function withTlsa(...set: readonly Rdata[]): (world: World) => World {
  return (world) => ({ ...world, records: set.map((rdata) => tlsaOf(MX1, rdata)) })
}

function tlsaOf(host: string, [usage, selector, matching, data]: Rdata): LabRecord {
  return { name: `_25._tcp.${host}`, ttlSeconds: 300, type: 'TLSA', usage, selector, matching, data }
}

/** The MX host shows this certificate, with the known key unless it says otherwise. */
function showing(spec: Partial<CertificateSpec>): (world: World) => World {
  return withHost(MX1, { certificate: certificate({ key: 'first', ...spec }) })
}

function daneDrill(parts: Parameters<typeof drill>[0]): Drill {
  return drill({ subject: MX1, start: inOrder, ...parts })
}

/** TLSA records that are wrong, and what is told besides. */
export const DANE_DRILLS: readonly Drill[] = [
  daneDrill({
    name: 'dane-new-key',
    title: 'The certificate is renewed with another key, and the TLSA record still names the old one',
    finding: 'dane.tlsa.mismatch',
    severity: 'critical',
    remedy: `${OWNER}. TLSA 3 1 1 ${KNOWN_SPKI_SHA256.second}`,
    break: showing({ key: 'second' }),
  }),
  daneDrill({
    name: 'dane-anchor-not-sent',
    title: 'The TLSA record names a root that the server does not send',
    finding: 'dane.tlsa.anchor-not-sent',
    severity: 'critical',
    remedy: 'Append the certificate of the authority',
    break: withTlsa([2, 1, 1, ANOTHER]),
  }),
  daneDrill({
    name: 'dane-other-name',
    title: 'The TLSA record names the authority, and the certificate another host',
    finding: 'dane.tlsa.name-mismatch',
    remedy: `${OWNER}. TLSA 3 1 1 ${FIRST}`,
    opens: [
      { code: 'dane.tlsa.name-mismatch', subject: MX1, severity: 'critical' },
      { code: 'mx.certificate.name-mismatch', subject: MX1, severity: 'critical' },
    ],
    start: byAuthority,
    break: showing(ofKnownKey('wrongName')),
  }),
  daneDrill({
    name: 'dane-expired',
    title: 'The TLSA record names the authority, and the certificate has ended',
    finding: 'dane.tlsa.chain-expired',
    remedy: 'Renew the certificate and reload the server',
    opens: [
      { code: 'dane.tlsa.chain-expired', subject: MX1, severity: 'critical' },
      { code: 'mx.certificate.expired', subject: MX1, severity: 'critical' },
    ],
    start: byAuthority,
    break: showing(ofKnownKey('expired')),
  }),
  daneDrill({
    name: 'dane-usage-of-the-web',
    title: 'The TLSA record is made for a web server (usage 1)',
    finding: 'dane.tlsa.unusable',
    remedy: 'Publish usage 3 with selector 1 and matching type 1',
    break: withTlsa([1, 1, 1, FIRST]),
  }),
  daneDrill({
    name: 'dane-cut-digest',
    title: 'The digest of the TLSA record is cut short',
    finding: 'dane.tlsa.malformed',
    remedy: 'has 64 hex digits',
    break: withTlsa([3, 1, 1, FIRST.slice(0, 40)]),
  }),
  daneDrill({
    name: 'dane-digest-of-nothing',
    title: 'The script that makes the TLSA record could not read the key',
    finding: 'dane.tlsa.empty-digest',
    severity: 'critical',
    remedy: `${OWNER}. TLSA 3 1 1 ${FIRST}`,
    break: withTlsa([3, 1, 1, NOTHING]),
  }),
  daneDrill({
    name: 'dane-two-digests',
    title: 'A SHA-512 record of an older key is published beside the right SHA-256 record',
    finding: 'dane.tlsa.digests-disagree',
    severity: 'critical',
    remedy: `${OWNER}. TLSA 3 1 2 `,
    break: withTlsa([3, 1, 1, FIRST], [3, 1, 2, 'ab'.repeat(64)]),
  }),
  daneDrill({
    name: 'dane-without-dnssec',
    title: 'A provider publishes TLSA records in a zone that is not signed',
    finding: 'dane.tlsa.insecure',
    subject: OUTSIDE,
    remedy: `delv _25._tcp.${OUTSIDE} TLSA`,
    start: atProvider,
    break: (world) => ({ ...world, records: [tlsaOf(OUTSIDE, [3, 1, 1, FIRST])] }),
  }),
  daneDrill({
    name: 'dane-one-of-two',
    title: 'A second MX host joins without TLSA records',
    finding: 'dane.tlsa.partial',
    remedy: 'Publish TLSA records for every MX host',
    opens: [{ code: 'dane.tlsa.partial', subject: null, severity: 'info' }],
    start: twoHosts,
    break: withTlsa([3, 1, 1, FIRST]),
    changes: 1,
  }),
  daneDrill({
    name: 'dane-record-deleted',
    title: 'The TLSA record is deleted, and DANE is required',
    finding: 'dane.tlsa.missing',
    watch: { dane: 'required' },
    remedy: `${OWNER}. TLSA 3 1 1 ${FIRST}`,
    break: withTlsa(),
    minutesToOpen: 30,
  }),
  drill({
    name: 'dane-mx-not-signed',
    title: 'The domain moves to name servers that do not sign it, and DANE is required of its provider',
    finding: 'dane.mx.insecure',
    watch: { dane: 'required' },
    remedy: `delv ${DRILL_DOMAIN} MX`,
    start: (world) => withSignedProvider(atProvider(world)),
    break: withDomain({ secure: false }),
  }),
  daneDrill({
    name: 'dane-question-fails',
    title: 'The name servers answer everything but the question for TLSA',
    finding: 'dane.tlsa.lookup-failing',
    severity: 'critical',
    remedy: `dig +dnssec ${OWNER} TLSA`,
    break: (world) => ({
      ...world,
      dnsFaults: [{ at: OWNER, type: 'TLSA', resolver: 'all', fault: 'servfail' }],
    }),
    minutesToOpen: 40,
  }),
  daneDrill({
    name: 'dane-self-signed',
    title: 'The host shows a self-signed certificate: right for DANE, wrong for MTA-STS',
    finding: 'dane.sts.disagree',
    remedy: 'Use a certificate of a public authority that names the host; keep its key',
    opens: [
      { code: 'dane.sts.disagree', subject: MX1, severity: 'info' },
      { code: 'mx.certificate.untrusted', subject: MX1, severity: 'critical' },
    ],
    break: showing({ signer: 'itself' }),
  }),
  daneDrill({
    name: 'dane-no-starttls',
    title: 'A host with TLSA records stops offering STARTTLS; the policy is only tested',
    finding: 'mx.starttls.missing',
    severity: 'critical',
    remedy: `openssl s_client -starttls smtp -connect [${addressFor(MX1)}]:25`,
    start: (world) => withPolicy({ mode: 'testing' }, null)(inOrder(world)),
    break: withHost(MX1, { smtp: 'no-starttls' }),
    minutesToOpen: 40,
  }),
]

function ofKnownKey(fault: 'wrongName' | 'expired'): CertificateSpec {
  return { ...CERTIFICATES[fault], key: 'first' }
}

/** Signed, with a mail host of somebody else. */
function atProvider(world: World): World {
  const mx = [{ preference: 10, exchange: OUTSIDE }]
  const host = mailHost(OUTSIDE, { certificate: certificate({ key: 'first' }) })
  const domain = healthyDomain(DRILL_DOMAIN, {
    mx,
    secure: true,
    policy: policy(DRILL_DOMAIN, { mx: [OUTSIDE] }),
  })
  return { ...editDomain(world, DRILL_DOMAIN, () => domain), hosts: [...world.hosts, host] }
}

/** Two hosts with TLSA records each. */
function twoHosts(world: World): World {
  const mx = [MX1, MX2].map((exchange, index) => ({ preference: 10 * (index + 1), exchange }))
  const hosts = [MX1, MX2].map((name) => mailHost(name, { certificate: certificate({ key: 'first' }) }))
  const domain = healthyDomain(DRILL_DOMAIN, { mx, hosts, secure: true })
  const records = [MX1, MX2].map((host) => tlsaOf(host, [3, 1, 1, FIRST]))
  return { ...editDomain(world, DRILL_DOMAIN, () => domain), records }
}

function withSignedProvider(world: World): World {
  return {
    ...world,
    zones: [...world.zones, { name: 'provider.test', secure: true }],
    records: [tlsaOf(OUTSIDE, [3, 1, 1, FIRST])],
  }
}
