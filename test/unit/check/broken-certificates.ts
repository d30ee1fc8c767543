import { DAY_MS, HOUR_MS } from '../../../src/lib/time.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { type BrokenDomain, fetches, HELD, moot, version } from './broken.ts'
import { both, oneOfTwo } from './broken-hosts.ts'
import { established, MX1, NOW, POLICY_HOST, policyBody, seen, serving, tls } from './snapshot-builder.ts'

const HELD_TESTING = { versions: [version(policyBody({ mode: 'testing' }))] }
const ENDED = { notAfterAt: NOW - 2 * HOUR_MS }
const ALONE = (host: string) => ({
  ...tls(host, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
  chain: tls(host).chain.slice(0, 1),
})

/** Each bad certificate, for any host. */
const CERTIFICATES = [
  ['expired', (host: string) => tls(host, ENDED, 'CERT_HAS_EXPIRED')],
  ['expired', (host: string) => tls(host, ENDED, 'DEPTH_ZERO_SELF_SIGNED_CERT')],
  ['expired', (host: string) => tls(host, {}, 'CERT_HAS_EXPIRED')],
  ['name-mismatch', (host: string) => tls(host, { dnsNames: ['other.example.net'] })],
  ['name-mismatch', (host: string) => tls(host, { dnsNames: [] })],
  ['untrusted', (host: string) => tls(host, {}, 'DEPTH_ZERO_SELF_SIGNED_CERT')],
  ['untrusted', (host: string) => tls(host, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
  ['missing-intermediate', ALONE],
] as const

/** Certificates of MX hosts and of the policy host. */
export const BROKEN_CERTIFICATES: readonly BrokenDomain[] = [
  ...CERTIFICATES.flatMap(([trouble, present], index) => [
    {
      name: `MX certificate ${trouble} (${index})`,
      snapshot: both(established(present(MX1))),
      findings: [`critical mx.certificate.${trouble} ${MX1}`],
    },
    {
      name: `MX certificate ${trouble} (${index}), mode testing`,
      snapshot: { ...both(established(present(MX1))), ...onlyPolicy('testing') },
      findings: [`warning mx.certificate.${trouble} ${MX1}`],
    },
    {
      name: `policy host certificate ${trouble} (${index}) while enforce is held`,
      snapshot: fetches({ tls: seen(present(POLICY_HOST)), response: moot }),
      context: HELD,
      findings: [`critical policy-host.certificate.${trouble} ${POLICY_HOST}`],
    },
  ]),
  {
    name: 'policy host certificate expired while testing is held',
    snapshot: fetches({ tls: seen(tls(POLICY_HOST, ENDED)), response: moot }),
    context: HELD_TESTING,
    findings: [`warning policy-host.certificate.expired ${POLICY_HOST}`],
  },
  {
    name: 'MX certificate ends in 5 days',
    snapshot: both(established(tls(MX1, { notAfterAt: NOW + 5 * DAY_MS }))),
    findings: [`warning mx.certificate.expiring ${MX1}`],
  },
  {
    name: 'MX certificate ends in 2 days',
    snapshot: both(established(tls(MX1, { notAfterAt: NOW + 2 * DAY_MS }))),
    findings: [`critical mx.certificate.expiring ${MX1}`],
  },
  {
    name: 'policy host certificate ends in 5 days',
    snapshot: fetches({ tls: seen(tls(POLICY_HOST, { notAfterAt: NOW + 5 * DAY_MS })) }),
    findings: [`warning policy-host.certificate.expiring ${POLICY_HOST}`],
  },
  {
    name: 'MX addresses present different certificates',
    snapshot: oneOfTwo(established(tls(MX1, { sha256: 'another' }))),
    findings: [`info mx.certificate.differs-by-address ${MX1}`],
  },
  {
    name: 'policy host addresses present different certificates',
    snapshot: fetches({}, { tls: seen(tls(POLICY_HOST, { sha256: 'another' })) }),
    findings: [`info policy-host.certificate.differs-by-address ${POLICY_HOST}`],
  },
]

function onlyPolicy(mode: string): Pick<Snapshot, 'policyHost'> {
  return { policyHost: serving(policyBody({ mode })).policyHost }
}
