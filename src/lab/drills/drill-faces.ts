import { CERTIFICATES, certificate, expiringIn } from '../certificate-spec.ts'
import { DRILL_DOMAIN, type Drill, drill, withHost } from './drill.ts'

const MX = `mx1.${DRILL_DOMAIN}`
const RENEWED = certificate({ validFromDays: -2, validToDays: 88 })
const IN_ORDER = withHost(MX, { faces: { 993: CERTIFICATES.good } })
const TWO_KEYS = withHost(MX, { secondCertificate: CERTIFICATES.rsa })

/** Other ports of the MX host, and its second key type. */
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
]
