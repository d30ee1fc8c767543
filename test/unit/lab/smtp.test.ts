import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { addressFor, buildWorld, editHost, healthyDomain } from '../../../src/lab/build-world.ts'
import { CERTIFICATES, type CertificateSpec, certificate } from '../../../src/lab/certificate-spec.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { SmtpMode } from '../../../src/lab/world.ts'
import { collect, endpointOf, handshake, patienceFor } from './clients.ts'

const HOST = 'mx1.example.com'
const ADDRESS = addressFor(HOST)

let lab: Lab

beforeAll(async () => {
  lab = await startLab(buildWorld({ domains: [healthyDomain('example.com')] }))
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.change((world) => editHost(world, HOST, { smtp: 'ok', certificate: CERTIFICATES.good })))

/** The last line is there: three digits and a space. */
function whole(bytes: Buffer): boolean {
  return /^\d{3} .*\r\n/m.test(bytes.toString())
}

async function reply(socket: Socket, patienceMs: number): Promise<string> {
  const bytes = await collect(socket, whole, patienceMs)
  return typeof bytes === 'string' ? bytes : bytes.toString()
}

async function command(socket: Socket, line: string, patienceMs: number): Promise<string> {
  socket.write(`${line}\r\n`)
  return reply(socket, patienceMs)
}

/** As far as a session gets: the steps that went well, then what stopped it. */
async function visit(patienceMs: number): Promise<string> {
  const socket = connect(endpointOf(lab, ADDRESS, 25))
  try {
    const greeting = await reply(socket, patienceMs)
    if (!greeting.startsWith('220 ')) return `greeting: ${greeting.trim()}`
    const ehlo = await command(socket, 'EHLO monitor.example', patienceMs)
    if (!ehlo.startsWith('250')) return `ehlo: ${ehlo.trim()}`
    if (!ehlo.includes('STARTTLS')) return 'no STARTTLS'
    const go = await command(socket, 'STARTTLS', patienceMs)
    if (!go.startsWith('220 ')) return `starttls: ${go.trim()}`
    if (go.trimEnd().includes('\n')) return `injected: ${go.trimEnd().split('\r\n')[1]}`
    const { tls, verdict } = await handshake(socket, lab.caPem, HOST, patienceMs)
    const again = await command(tls, 'EHLO monitor.example', patienceMs)
    if (!again.startsWith('250')) return `second ehlo: ${again}`
    return `${verdict}, quit: ${(await command(tls, 'QUIT', patienceMs)).trim()}`
  } catch (error) {
    const { reason, code, name } = error as Error & { reason?: string; code?: string }
    return `handshake: ${name === 'AbortError' ? 'timeout' : (reason ?? code)}`
  } finally {
    socket.destroy()
  }
}

const modes: readonly (readonly [SmtpMode, string])[] = [
  ['ok', `ok, quit: 221 2.0.0 ${HOST} closing`],
  ['reset-at-connect', 'greeting: ECONNRESET'],
  ['close-at-connect', 'greeting: closed'],
  ['silent', 'greeting: timeout'],
  ['greeting-4xx', `greeting: 421 ${HOST} Service not available, come back later`],
  ['greeting-5xx', `greeting: 554 ${HOST} No SMTP service for you here`],
  ['greeting-garbage', 'greeting: closed'],
  ['greeting-endless', 'greeting: too-large'],
  ['greeting-drip', 'greeting: timeout'],
  ['reset-after-greeting', 'ehlo: ECONNRESET'],
  ['ehlo-fails', 'ehlo: 550 I do not know you'],
  ['ehlo-silent', 'ehlo: timeout'],
  ['ehlo-endless', 'ehlo: too-large'],
  ['ehlo-huge', 'ehlo: too-large'],
  ['no-starttls', 'no STARTTLS'],
  ['starttls-refused', 'starttls: 454 4.7.0 TLS not available due to temporary reason'],
  ['starttls-silent', 'starttls: timeout'],
  ['injection', 'injected: 250 Injected in plaintext'],
  ['reset-after-starttls', 'handshake: ECONNRESET'],
  ['tls-garbage', 'handshake: wrong version number'],
  ['tls-alert', 'handshake: ssl/tls alert handshake failure'],
  ['tls-hang', 'handshake: timeout'],
  ['tls-close', 'handshake: ECONNRESET'],
  ['reset-after-handshake', 'second ehlo: ECONNRESET'],
  ['quit-silent', 'ok, quit: timeout'],
]

test.each(modes)('an MX host in mode %s: %s', async (smtp, expected) => {
  lab.change((world) => editHost(world, HOST, { smtp }))
  expect(await visit(patienceFor(expected))).toBe(expected)
})

const certificates: readonly (readonly [string, CertificateSpec, string, number])[] = [
  ['good', CERTIFICATES.good, 'ok', 3],
  ['expired', CERTIFICATES.expired, 'CERT_HAS_EXPIRED', 3],
  ['self-signed', CERTIFICATES.selfSigned, 'DEPTH_ZERO_SELF_SIGNED_CERT', 1],
  ['leaf alone', CERTIFICATES.missingIntermediate, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 1],
  ['CN only', CERTIFICATES.commonNameOnly, 'ok', 3],
  [
    '500 names',
    certificate({ dnsNames: Array.from({ length: 500 }, (_, n) => `h${n}.example.com`) }),
    'ok',
    3,
  ],
]

test.each(certificates)('a %s certificate is shown after STARTTLS', async (_, spec, verdict, length) => {
  lab.change((world) => editHost(world, HOST, { certificate: spec }))
  const socket = connect(endpointOf(lab, ADDRESS, 25))
  await reply(socket, patienceFor('a reply'))
  await command(socket, 'STARTTLS', patienceFor('a reply'))
  const shown = await handshake(socket, lab.caPem, HOST)
  expect(shown.verdict.replace(/^.*altnames.*$/, 'ok')).toContain(verdict === 'ok' ? '' : verdict)
  expect(shown.chainLength).toBe(length)
  expect(shown.leaf.subjectaltname?.split(', ') ?? []).toHaveLength(spec.dnsNames.length)
  socket.destroy()
})

test('the journal tells how polite a visitor was', async () => {
  const before = lab.journal.smtp.length
  await visit(patienceFor('ok'))
  const hasty = connect(endpointOf(lab, ADDRESS, 25))
  await once(hasty, 'data')
  hasty.resetAndDestroy()
  expect(lab.journal.smtp.slice(before)).toMatchObject([
    {
      address: ADDRESS,
      ehloName: 'monitor.example',
      sni: HOST,
      secured: true,
      commands: ['EHLO monitor.example', 'STARTTLS', 'EHLO monitor.example', 'QUIT'],
      quit: true,
    },
    { ehloName: null, secured: false, commands: [], quit: false },
  ])
})
