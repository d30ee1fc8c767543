import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  buildWorld,
  healthyDomain,
  policy,
  redirectTo,
  textAnswer,
  webHost,
} from '../../../src/lab/build-world.ts'
import { CERTIFICATES, wildcardFor } from '../../../src/lab/certificate-spec.ts'
import type { HttpsMode, LabHost } from '../../../src/lab/world.ts'
import type { PolicyFetch, Snapshot } from '../../../src/model/snapshot.ts'
import { type LabProbe, nameOf, startLabProbe } from './lab-probe.ts'

const LIMIT = 65_536

/** A policy host → the outcome of the handshake, and of the one GET. */
const HOSTS: readonly [name: string, host: Partial<LabHost>, tls: string, response: string][] = [
  ['ok', {}, 'seen', '200'],
  ['status-404', mode({ status: 404, headers: {}, body: 'nothing here' }), 'seen', '404'],
  ['status-500', mode({ status: 500, headers: {}, body: 'x'.repeat(200_000) }), 'seen', '500'],
  ['redirect', mode(redirectTo('https://elsewhere.test/')), 'seen', '301 https://elsewhere.test/'],
  ['html', mode(textAnswer('<html>', 'text/html')), 'seen', '200'],
  ['just-fits', mode(textAnswer('x'.repeat(LIMIT))), 'seen', '200'],
  ['one-too-many', mode(textAnswer('x'.repeat(LIMIT + 1))), 'seen', 'http-too-large/remote'],
  ['endless-body', mode('endless-body'), 'seen', 'http-too-large/remote'],
  ['huge-headers', mode('huge-headers'), 'seen', 'http-too-large/remote'],
  ['drip-body', mode('drip-body'), 'seen', 'http-timeout/path'],
  ['drip-headers', mode('drip-headers'), 'seen', 'http-timeout/path'],
  ['hang-after-handshake', mode('hang-after-handshake'), 'seen', 'http-timeout/path'],
  ['hang-in-body', mode('hang-in-body'), 'seen', 'http-timeout/path'],
  ['short-body', mode('short-body'), 'seen', 'http-closed/remote'],
  ['reset-after-request', mode('reset-after-request'), 'seen', 'http-closed/remote'],
  ['early-hints', mode('early-hints'), 'seen', 'http-malformed/remote'],
  ['garbage', mode('garbage'), 'seen', 'http-malformed/remote'],
  ['gzip', mode('gzip'), 'seen', 'http-content-encoding/remote'],
  ['hang-after-connect', mode('hang-after-connect'), 'tls-timeout/path', 'skipped'],
  ['no-tls', mode('no-tls'), 'tls-malformed/remote', 'skipped'],
  ['tls-garbage', mode('tls-garbage'), 'tls-malformed/remote', 'skipped'],
  ['tls-alert', mode('tls-alert'), 'tls-alert/remote', 'skipped'],
  ['refused', { path: 'refused' }, 'connect-refused/remote', 'skipped'],
  ['timeout', { path: 'timeout' }, 'connect-timeout/path', 'skipped'],
  ['expired', { certificate: CERTIFICATES.expired }, 'seen', 'skipped'],
  ['self-signed', { certificate: CERTIFICATES.selfSigned }, 'seen', 'skipped'],
  ['untrusted', { certificate: CERTIFICATES.untrustedRoot }, 'seen', 'skipped'],
  ['leaf-only', { certificate: CERTIFICATES.missingIntermediate }, 'seen', 'skipped'],
  ['wrong-name', { certificate: CERTIFICATES.wrongName }, 'seen', 'skipped'],
  ['cn-only', { certificate: CERTIFICATES.commonNameOnly }, 'seen', 'skipped'],
  ['wildcard', { certificate: wildcardFor('wildcard.test') }, 'seen', '200'],
]

function mode(https: HttpsMode): Partial<LabHost> {
  return { https }
}

function told({ tls, response }: PolicyFetch): readonly string[] {
  const fault = (look: typeof tls | typeof response) =>
    look.outcome === 'failed' ? `${look.fault.kind}/${look.fault.blame}` : look.outcome
  if (response.outcome !== 'seen') return [fault(tls), fault(response)]
  const { status, location } = response.value
  return [fault(tls), location === null ? String(status) : `${status} ${location}`]
}

describe('every way a policy host can behave', () => {
  const domains = HOSTS.map(([name, host]) =>
    healthyDomain(`${name}.test`, {
      policy: policy(`${name}.test`, { mx: ['mx1.test'] }, host),
      tlsrptRecord: [],
      mx: [{ preference: 0, exchange: '.' }],
    }),
  )
  const world = buildWorld({ domains, hosts: [webHost('elsewhere.test')] })
  const looks = new Map<string, Snapshot>()
  let kit: LabProbe

  beforeAll(async () => {
    kit = await startLabProbe(world)
    await Promise.all(HOSTS.map(async ([name]) => looks.set(name, await kit.look(`${name}.test`))))
  })
  afterAll(() => kit[Symbol.asyncDispose]())

  function fetched(name: string): PolicyFetch {
    const [first] = looks.get(name)?.policyHost.fetches ?? []
    return first ?? expect.fail(`${name} was not fetched`)
  }

  function sent(name: string) {
    const address = domains.find((domain) => domain.name === `${name}.test`)?.policy?.host.addresses[0]
    return kit.lab.journal.https.filter((entry) => entry.address === address)
  }

  test.each(HOSTS.map(([name, , tls, response]) => [name, tls, response] as const))(
    '%s: handshake %s, answer %s',
    (name, tls, response) => {
      expect(told(fetched(name))).toEqual([tls, response])
    },
  )

  test('asks once, for the right path, with nothing that invites tricks', () => {
    const [entry, ...more] = sent('ok')
    expect(more).toEqual([])
    expect(entry?.sni).toBe('mta-sts.ok.test')
    expect(entry?.request).toMatch(/^GET \/\.well-known\/mta-sts\.txt HTTP\/1\.1\r\n/)
    expect(entry?.request).toMatch(/\r\nhost: mta-sts\.ok\.test\r\n/i)
    expect(entry?.request).toMatch(/\r\naccept-encoding: identity\r\n/i)
    expect(entry?.request).not.toMatch(/cookie|if-none-match|if-modified|proxy/i)
  })

  test.each(['expired', 'self-signed', 'untrusted', 'leaf-only', 'wrong-name', 'cn-only'])(
    'sends no request when the certificate is %s, and tells the certificate',
    (name) => {
      expect(sent(name).map((entry) => entry.request)).toEqual([null])
      const { tls } = fetched(name)
      expect(tls.outcome === 'seen' ? tls.value.chain.length : 0).toBeGreaterThan(0)
    },
  )

  test('follows no redirect', () => {
    const [elsewhere] = world.hosts[0]?.addresses ?? []
    expect(kit.lab.journal.https.filter((entry) => entry.address === elsewhere)).toEqual([])
  })

  test('an endless body is cut off near the limit', () => {
    // The kernel's buffers on both sides hold what was sent before our close arrived.
    expect(sent('endless-body')[0]?.bytesSent).toBeLessThan(16 * 1024 * 1024)
  })

  test('keeps the whole of a policy and the beginning of anything else', () => {
    const body = (name: string) => {
      const { response } = fetched(name)
      return response.outcome === 'seen' ? response.value.body : expect.fail(name)
    }
    expect(body('ok')).toBe(domains.find((domain) => domain.name === 'ok.test')?.policy?.body)
    expect(body('just-fits')).toHaveLength(LIMIT)
    expect(body('status-500')).toHaveLength(512)
    expect(body('status-404')).toBe('nothing here')
  })

  test('the canary takes the first address that answers, and reads the Date', async () => {
    const signal = new AbortController().signal
    const seen = await kit.probe.canary('https', nameOf('elsewhere.test'), signal)
    expect(seen).toMatchObject({ outcome: 'seen', value: expect.any(Number) })
    const failed = await kit.probe.canary('https', nameOf('mta-sts.expired.test'), signal)
    expect(failed).toMatchObject({ outcome: 'failed', fault: { blame: 'path' } })
  })
})

test('a reset is told as one, whether it comes before or after our hello', async () => {
  const host = { https: 'reset-at-connect' } as const
  const domain = healthyDomain('reset.test', { policy: policy('reset.test', {}, host) })
  await using kit = await startLabProbe(buildWorld({ domains: [domain] }))
  const [fetch] = (await kit.look('reset.test')).policyHost.fetches
  expect(fetch && told(fetch)[0]).toMatch(/^(connect-reset\/path|tls-closed\/remote)$/)
})

test('a body keeps its byte order mark and says when it is no UTF-8', async () => {
  const bodies = { bom: '\ufeffversion: STSv1\n', plain: 'version: STSv1\n' }
  const domains = Object.entries(bodies).map(([name, body]) =>
    healthyDomain(`${name}.test`, { policy: policy(`${name}.test`, {}, { https: textAnswer(body) }) }),
  )
  await using kit = await startLabProbe(buildWorld({ domains }))
  for (const [name, body] of Object.entries(bodies)) {
    const [fetch] = (await kit.look(`${name}.test`)).policyHost.fetches
    expect(fetch?.response).toMatchObject({ outcome: 'seen', value: { body, validUtf8: true } })
  }
})
