import { expect, test } from 'vitest'
import { describe as inWords } from '../../../src/announce/describe.ts'
import { judge } from '../../../src/check/judge.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { Finding } from '../../../src/model/finding.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { by, pinnedHost, R3, R11, twoHosts } from '../check/broken-anchors.ts'
import { face, faced, KEYS, old, PORTS, renewed, rsa, shown } from '../check/broken-faces.ts'
import { context, NOW, watched, withMx1 } from '../check/snapshot-builder.ts'

function told(snapshot: Snapshot, code: Finding['code']) {
  const { findings } = judge(snapshot, watched({ ...PORTS, ...KEYS }), context())
  const finding = findings.find((one) => one.code === code)
  if (finding === undefined) throw new Error(`no ${code}`)
  const { title, seen, impact, remedy } = inWords(finding, { timezone: 'UTC', now: NOW })
  return { title, seen, impact, code: remedy.flatMap((line) => (line.kind === 'code' ? [line.text] : [])) }
}

const show = (port: string) =>
  `openssl s_client ${port} -servername mx1.example.com </dev/null | openssl x509 -noout -serial -dates`

test('not reloaded: both serials, both ports, and what to run', () => {
  expect(told(faced(old(3), face(993, shown(renewed()))), 'mx.certificate.not-reloaded')).toEqual({
    title:
      'MX mx1.example.com still shows the old certificate on port 25: it was renewed, but not reloaded (mode enforce)',
    seen: 'Port 993 shows serial 0b (ends in 88 days, 2027-02-19 14:05 UTC), port 25 serial 0a1b2c (ends in 3 days, 2026-11-26 14:05 UTC). Seen at 192.0.2.25.',
    impact:
      'None yet. From then on: Senders that honour MTA-STS do not deliver to this host (mode enforce): they try another one, and keep the mail in their queue when there is none.',
    code: [
      'postfix reload',
      'certbot reconfigure --cert-name mx1.example.com --deploy-hook "postfix reload"',
      show('-starttls smtp -connect 192.0.2.25:25'),
      show('-connect 192.0.2.25:993'),
    ],
  })
})

test('key types: which of the two it is', () => {
  const bad = rsa({ notAfterAt: NOW - 2 * DAY_MS }, 'CERT_HAS_EXPIRED')
  const { title, code } = told(faced(old(60), face(25, shown(bad), 'rsa')), 'mx.certificate.key-types-differ')
  expect(title).toBe(
    'The RSA certificate of MX mx1.example.com has expired; the ECDSA one is in order (mode enforce)',
  )
  expect(code.at(-1)).toBe(
    show('-starttls smtp -connect 192.0.2.25:25').replace(
      '-servername mx1.example.com',
      '-servername mx1.example.com -sigalgs rsa_pss_rsae_sha256:RSA+SHA256',
    ),
  )
})

test('a bad ordinary certificate of two is named by its key type', () => {
  const { title } = told(faced(old(-1), face(25, shown(rsa()), 'rsa')), 'mx.certificate.expired')
  expect(title).toBe('The ECDSA certificate of MX mx1.example.com has expired (mode enforce)')
})

test('an expired face: what it means, and the service of that port', () => {
  const faces = [face(993, shown(renewed(-91))), face(587, shown(renewed(-91)))]
  const { title, code } = told(faced(old(60), ...faces), 'mx.face.certificate-expired')
  expect(title).toBe('The certificate of mx1.example.com on port 587, 993 has expired')
  expect(code).toEqual([
    'postfix reload',
    'doveadm reload',
    show('-connect 192.0.2.25:993'),
    show('-starttls smtp -connect 192.0.2.25:587'),
  ])
})

test('reloading is not told before the TLSA record is there', () => {
  const late = by('R11', -2)
  const at25 = by('R3', -70)
  const host = pinnedHost([R3], at25, face(993, shown(late)))
  const { code } = told(withMx1(host), 'mx.certificate.not-reloaded')
  expect(code.slice(0, 2)).toEqual([`_25._tcp.mx1.example.com. IN TLSA ${R11}`, 'postfix reload'])
})

test('a renewal that the TLSA records do not match: the record first, then the reload', () => {
  const host = pinnedHost([R3], by('R3'), face(993, shown(by('R11', -2))))
  expect(told(withMx1(host), 'dane.anchor.renewal-breaks')).toEqual({
    title: 'The renewed certificate of MX mx1.example.com on port 993 matches none of its TLSA records',
    seen: `It is issued by CN=R11, O=Example Trust (serial 0a1b2c, at 192.0.2.25); its TLSA records pin ${R3.slice(0, 22)}. Port 25 still shows serial 0a1b2c, issued by CN=R3, O=Example Trust, which ends in 60 days, 2027-01-22 14:05 UTC.`,
    impact:
      'None yet. The moment that the mail server is reloaded, senders that use DANE do not deliver to this host any more.',
    code: [`_25._tcp.mx1.example.com. IN TLSA ${R11}`, 'postfix reload'],
  })
})

test('another issuer: what was seen where, and the record to publish', () => {
  const { title, code } = told(twoHosts([R3], 'R11'), 'dane.anchor.issuer-changing')
  expect(title).toBe(
    'MX mx2.example.com got its certificate from an issuer that the TLSA records of mx1.example.com do not pin',
  )
  expect(code).toEqual([`_25._tcp.mx1.example.com. IN TLSA ${R11}`])
})
