import type { Severity } from '../../model/finding.ts'
import { CERTIFICATES, type CertificateSpec, expiringIn } from '../certificate-spec.ts'
import { DRILL_DOMAIN, type Drill, drill, withHost } from './drill.ts'

type Trouble = 'expired' | 'expiring' | 'name-mismatch' | 'untrusted' | 'missing-intermediate'

const TROUBLES: readonly (readonly [string, string, Trouble, Severity, CertificateSpec, string])[] = [
  [
    'expired',
    'comes back from a backup and has expired',
    'expired',
    'critical',
    CERTIFICATES.expired,
    'Renew the certificate',
  ],
  [
    'expiring',
    'is not renewed, five days before its end',
    'expiring',
    'warning',
    expiringIn(5),
    'Find out why the renewal has not run',
  ],
  [
    'ending',
    'is not renewed, two days before its end',
    'expiring',
    'critical',
    expiringIn(2),
    'Find out why the renewal has not run',
  ],
  [
    'misnamed',
    'names another host',
    'name-mismatch',
    'critical',
    CERTIFICATES.wrongName,
    'subjectAltName: DNS:',
  ],
  [
    'common-name-only',
    'names its host in the common name alone',
    'name-mismatch',
    'critical',
    CERTIFICATES.commonNameOnly,
    'subjectAltName: DNS:',
  ],
  [
    'self-signed',
    'is replaced by a self-signed one',
    'untrusted',
    'critical',
    CERTIFICATES.selfSigned,
    'a public certification authority',
  ],
  [
    'of-a-stranger',
    'is replaced by one of a private authority',
    'untrusted',
    'critical',
    CERTIFICATES.untrustedRoot,
    'a public certification authority',
  ],
  [
    'leaf-only',
    'is served without its intermediate',
    'missing-intermediate',
    'critical',
    CERTIFICATES.missingIntermediate,
    'fullchain.pem',
  ],
]

const HOSTS = [
  { kind: 'mx', name: `mx1.${DRILL_DOMAIN}`, who: 'the MX host' },
  { kind: 'policy-host', name: `mta-sts.${DRILL_DOMAIN}`, who: 'the policy host' },
] as const

const ADDRESSES = ['192.0.2.90', '198.51.100.90']

/** Certificates of MX hosts and of the policy host. */
export const CERTIFICATE_DRILLS: readonly Drill[] = HOSTS.flatMap(({ kind, name: host, who }) => [
  ...TROUBLES.map(([name, what, trouble, severity, certificate, remedy]) =>
    drill({
      name: `${kind}-certificate-${name}`,
      title: `The certificate of ${who} ${what}`,
      finding: `${kind}.certificate.${trouble}`,
      subject: host,
      severity,
      remedy,
      break: withHost(host, { certificate }),
      minutesToResolve: 30,
    }),
  ),
  drill({
    name: `${kind}-certificates-differ`,
    title: `One of two machines of ${who} has another certificate`,
    finding: `${kind}.certificate.differs-by-address`,
    subject: host,
    severity: 'info',
    remedy: 'If one of them still serves an old one, renew and reload it there',
    start: withHost(host, { addresses: ADDRESSES }),
    break: withHost(host, { byAddress: { '192.0.2.90': { certificate: CERTIFICATES.rsa } } }),
    minutesToOpen: 40,
    minutesToResolve: 30,
  }),
])
