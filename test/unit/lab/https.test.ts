import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addressFor,
  buildWorld,
  editHost,
  healthyDomain,
  redirectTo,
  textAnswer,
} from '../../../src/lab/build-world.ts'
import { CERTIFICATES, type CertificateSpec, wildcardFor } from '../../../src/lab/certificate-spec.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { HttpsMode } from '../../../src/lab/world.ts'
import { get, patienceFor } from './clients.ts'

const HOST = 'mta-sts.example.com'
const ADDRESS = addressFor(HOST)

let lab: Lab

beforeAll(async () => {
  lab = await startLab(buildWorld({ domains: [healthyDomain('example.com')] }))
})

afterAll(() => lab[Symbol.asyncDispose]())

const modes: readonly (readonly [HttpsMode, string])[] = [
  ['ok', '200 text/plain; charset=utf-8'],
  ['reset-at-connect', 'ECONNRESET'],
  ['hang-after-connect', 'timeout'],
  ['hang-after-handshake', 'timeout'],
  ['hang-in-body', 'timeout'],
  ['reset-after-request', 'ECONNRESET'],
  ['no-tls', 'wrong version number'],
  ['tls-garbage', 'wrong version number'],
  ['tls-alert', 'ssl/tls alert handshake failure'],
  ['endless-body', 'too-large'],
  ['drip-body', 'timeout'],
  ['drip-headers', 'timeout'],
  ['huge-headers', 'HPE_HEADER_OVERFLOW'],
  ['early-hints', '200 text/plain; charset=utf-8'],
  ['gzip', '200 gzip'],
  ['short-body', 'ECONNRESET'],
  ['garbage', 'HPE_INVALID_CONSTANT'],
  [redirectTo('https://other.example/'), '301 https://other.example/'],
  [textAnswer('<p>', 'text/html'), '200 text/html'],
  [{ status: 404, headers: {}, body: '' }, '404 '],
]

test.each(modes)('a policy host in mode %o gives %s', async (https, expected) => {
  lab.change((world) => editHost(world, HOST, { https }))
  expect(await get(lab, ADDRESS, HOST, patienceFor(expected))).toBe(expected)
})

const certificates: readonly (readonly [string, CertificateSpec, string])[] = [
  ['good', CERTIFICATES.good, '200 text/plain; charset=utf-8'],
  ['wildcard', wildcardFor('example.com'), '200 text/plain; charset=utf-8'],
  ['RSA', CERTIFICATES.rsa, '200 text/plain; charset=utf-8'],
  ['expired', CERTIFICATES.expired, 'CERT_HAS_EXPIRED'],
  ['not yet valid', CERTIFICATES.notYetValid, 'CERT_NOT_YET_VALID'],
  ['self-signed', CERTIFICATES.selfSigned, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['untrusted', CERTIFICATES.untrustedRoot, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ['leaf alone', CERTIFICATES.missingIntermediate, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['wrong name', CERTIFICATES.wrongName, 'ERR_TLS_CERT_ALTNAME_INVALID'],
]

test.each(certificates)('a %s certificate is what it says', async (_, certificate, expected) => {
  lab.change((world) => editHost(world, HOST, { https: 'ok', certificate }))
  expect(await get(lab, ADDRESS, HOST)).toBe(expected)
})

test('addresses of one host may differ, and names at one address are told apart by SNI', async () => {
  const [one, two] = ['192.0.2.80', '192.0.2.81']
  await using shared = await startLab(
    buildWorld({
      domains: ['a.example', 'b.example'].map((name) => {
        const domain = healthyDomain(name)
        if (!domain.policy) throw new Error('a healthy domain has a policy')
        const byAddress = { [two]: { https: textAnswer('old policy', `text/${name}`) } }
        return {
          ...domain,
          policy: { ...domain.policy, host: { ...domain.policy.host, addresses: [one, two], byAddress } },
        }
      }),
    }),
  )
  expect(await get(shared, one, 'mta-sts.a.example')).toBe('200 text/plain; charset=utf-8')
  expect(await get(shared, two, 'mta-sts.a.example')).toBe('200 text/a.example')
  expect(await get(shared, two, 'mta-sts.b.example')).toBe('200 text/b.example')
  expect(shared.journal.https.map(({ address, sni }) => `${address} ${sni}`)).toEqual([
    `${one} mta-sts.a.example`,
    `${two} mta-sts.a.example`,
    `${two} mta-sts.b.example`,
  ])
})
