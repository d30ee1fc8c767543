import { editDomain, healthyDomain, mailHost } from '../build-world.ts'
import { CERTIFICATES, certificate, expiringIn } from '../certificate-spec.ts'
import type { LabRecord, World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, withDomain, withHost } from './drill.ts'

const MX = `mx1.${DRILL_DOMAIN}`
const RENEWED = certificate({ validFromDays: -2, validToDays: 88 })
const IN_ORDER = withHost(MX, { faces: { 993: CERTIFICATES.good } })
const TWO_KEYS = withHost(MX, { secondCertificate: CERTIFICATES.rsa })

const MX2 = `mx2.${DRILL_DOMAIN}`
const BY_SUCCESSOR = certificate({ validFromDays: -2, validToDays: 88, signer: 'successor' })

type Pin = readonly [host: string, intermediate: '@lab' | '@successor']

/** The domain is signed, and its hosts pin these intermediates. */
function pinned(world: World, pins: readonly Pin[]): World {
  const tlsa = pins.map(
    ([host, data]): LabRecord => ({
      name: `_25._tcp.${host}`,
      ttlSeconds: 300,
      type: 'TLSA',
      usage: 2,
      selector: 1,
      matching: 1,
      data,
    }),
  )
  return { ...withDomain({ secure: true })(world), records: tlsa }
}

function twoHosts(world: World): World {
  const mx = [MX, MX2].map((exchange, index) => ({ preference: 10 * (index + 1), exchange }))
  const domain = healthyDomain(DRILL_DOMAIN, { mx, hosts: [mailHost(MX), mailHost(MX2)] })
  const both = editDomain(world, DRILL_DOMAIN, () => domain)
  // The second host is ready for the other intermediate.
  return pinned(both, [
    [MX, '@lab'],
    [MX2, '@lab'],
    [MX2, '@successor'],
  ])
}

/** Other ports of the MX host, its second key type, and what they tell of the next certificate. */
export const FACE_DRILLS: readonly Drill[] = [
  drill({
    name: 'mx-not-reloaded',
    title: 'The certificate was renewed, the IMAP server reloaded and the mail server forgotten',
    finding: 'mx.certificate.not-reloaded',
    subject: MX,
    watch: { other_ports: [465, 993] },
    remedy: 'postfix reload',
    start: IN_ORDER,
    break: withHost(MX, { certificate: expiringIn(20), faces: { 993: RENEWED } }),
    minutesToOpen: 40,
    minutesToResolve: 30,
  }),
  drill({
    name: 'mx-not-reloaded-late',
    title: 'The mail server was forgotten at the renewal, two days before the end of the old certificate',
    finding: 'mx.certificate.not-reloaded',
    subject: MX,
    severity: 'critical',
    watch: { other_ports: [587] },
    remedy: 'postfix reload',
    start: withHost(MX, { faces: { 587: CERTIFICATES.good } }),
    break: withHost(MX, { certificate: expiringIn(2), faces: { 587: RENEWED } }),
    minutesToOpen: 40,
    minutesToResolve: 30,
  }),
  drill({
    name: 'mx-key-types-differ',
    title: 'Of two certificates the RSA one was forgotten at the renewal',
    finding: 'mx.certificate.key-types-differ',
    subject: MX,
    watch: { both_key_types: true },
    remedy: 'Renew the RSA certificate as well',
    start: TWO_KEYS,
    break: withHost(MX, {
      secondCertificate: certificate({ key: 'rsa', validFromDays: -91, validToDays: -1 }),
    }),
    minutesToOpen: 150,
    minutesToResolve: 90,
  }),
  drill({
    name: 'mx-face-certificate-expired',
    title: 'The certificate of the IMAP port has expired',
    finding: 'mx.face.certificate-expired',
    subject: MX,
    watch: { other_ports: [993] },
    remedy: 'doveadm reload',
    start: IN_ORDER,
    break: withHost(MX, { faces: { 993: CERTIFICATES.expired } }),
    minutesToOpen: 50,
    minutesToResolve: 40,
  }),
  drill({
    name: 'dane-renewal-breaks',
    title: 'The renewed certificate comes from an intermediate that the TLSA records do not pin',
    finding: 'dane.anchor.renewal-breaks',
    subject: MX,
    watch: { other_ports: [993] },
    remedy: `_25._tcp.${MX}. IN TLSA 2 1 1`,
    start: (world) => pinned(IN_ORDER(world), [[MX, '@lab']]),
    break: withHost(MX, { faces: { 993: BY_SUCCESSOR } }),
    minutesToOpen: 40,
    minutesToResolve: 40,
  }),
  drill({
    name: 'dane-issuer-changing',
    title: 'The authority signs with another intermediate: the second MX host has it already',
    finding: 'dane.anchor.issuer-changing',
    subject: MX,
    severity: 'info',
    remedy: `_25._tcp.${MX}. IN TLSA 2 1 1`,
    start: twoHosts,
    break: withHost(MX2, { certificate: BY_SUCCESSOR }),
    minutesToOpen: 40,
    minutesToResolve: 30,
  }),
]
