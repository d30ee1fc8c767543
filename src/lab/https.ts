/** Policy hosts, good and bad: one connection, one request, one answer. */

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import type { CertificateAuthority } from './ca.ts'
import type { HttpsEntry } from './journal.ts'
import type { Machine } from './machines.ts'
import { answerWithAlert, answerWithGarbage, drip, flood, stayQuiet } from './misbehave.ts'
import { machineNamed, serveTls } from './tls-side.ts'
import type { HttpsAnswer, HttpsMode } from './world.ts'

export interface HttpsVisit {
  /** Those at this address that speak HTTPS; at least one. */
  readonly machines: readonly Machine[]
  readonly ca: CertificateAuthority
  /** For the Date header. */
  readonly date: string
  readonly entry: HttpsEntry
}

const POLICY_PATH = '/.well-known/mta-sts.txt'
const MAX_REQUEST_BYTES = 65_536

/** Plays the policy host on a fresh connection. */
export async function serveHttps(socket: Socket, visit: HttpsVisit): Promise<void> {
  socket.on('close', () => {
    visit.entry.ended = true
  })
  if (misbehaveBeforeTls(socket, visit.machines[0]?.behaviour.https ?? 'ok')) return
  const tls = await serveTls(socket, visit.machines, visit.ca, (name) => {
    visit.entry.sni = name
  })
  tls.on('secure', () => {
    const machine = machineNamed(visit.entry.sni, visit.machines) ?? visit.machines[0]
    if (machine?.behaviour.https === 'hang-after-handshake') {
      stayQuiet(tls)
      return
    }
    readRequest(tls, (request) => {
      visit.entry.request = request
      if (machine?.behaviour.https === 'reset-after-request') socket.resetAndDestroy()
      else if (machine) answer(tls, machine, request, visit)
    })
  })
}

function misbehaveBeforeTls(socket: Socket, mode: HttpsMode): boolean {
  switch (mode) {
    case 'reset-at-connect':
      socket.resetAndDestroy()
      return true
    case 'hang-after-connect':
      stayQuiet(socket)
      return true
    case 'no-tls':
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'))
      return true
    case 'tls-garbage':
      answerWithGarbage(socket)
      return true
    case 'tls-alert':
      answerWithAlert(socket)
      return true
    default:
      return false
  }
}

function readRequest(tls: TLSSocket, onRequest: (head: string) => void): void {
  let head = ''
  const collect = (chunk: Buffer) => {
    head += chunk.toString('latin1')
    if (head.length > MAX_REQUEST_BYTES) {
      tls.destroy()
      return
    }
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    tls.off('data', collect)
    tls.resume()
    onRequest(head.slice(0, end))
  }
  tls.on('data', collect)
}

/** One request and the means to answer it. */
interface Exchange {
  readonly tls: TLSSocket
  readonly good: HttpsAnswer
  write(part: string | Buffer): void
  /** The head of the good answer; `changed` replaces fields, an empty value leaves one out. */
  head(changed?: Readonly<Record<string, string>>): string
  readonly sent: (bytes: number) => void
}

/** Answers that go wrong and then end the connection. */
const BAD_ANSWERS: Readonly<Record<string, (exchange: Exchange) => void>> = {
  'huge-headers': ({ write, head }) => {
    write(head(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`x-${n}`, 'y'.repeat(1000)]))))
  },
  'early-hints': ({ write, head, good }) => {
    write('HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n'.repeat(1000))
    write(head() + good.body)
  },
  gzip: ({ write, head, good }) => {
    const body = gzipSync(good.body)
    write(head({ 'content-encoding': 'gzip', 'content-length': `${body.length}` }))
    write(body)
  },
  'short-body': ({ write, head, good }) => {
    write(head({ 'content-length': `${Buffer.byteLength(good.body) + 100}` }) + good.body)
  },
  garbage: ({ write }) => write('\u0000\u0001 no such protocol\r\n\r\n'),
}

/** Answers that never end, or end by force. */
const ENDLESS_ANSWERS: Readonly<Record<string, (exchange: Exchange) => void>> = {
  'endless-body': ({ tls, write, head, sent }) => {
    write(head({ 'content-length': '' }))
    flood(tls, Buffer.alloc(16_384, 'mx: mail.example.com\r\n'), sent)
  },
  'drip-body': ({ tls, write, head, good, sent }) => {
    write(head({ 'content-length': '' }))
    drip(tls, good.body, sent)
  },
  'drip-headers': ({ tls, write, sent }) => {
    write('HTTP/1.1 200 OK\r\n')
    drip(tls, 'x-drip: drop\r\n', sent)
  },
  'hang-in-body': ({ write, head, good }) => {
    write(head() + good.body.slice(0, good.body.length / 2))
  },
}

function answer(tls: TLSSocket, machine: Machine, request: string, visit: HttpsVisit): void {
  const good = goodAnswer(machine, request)
  const sent = (bytes: number) => {
    visit.entry.bytesSent += bytes
  }
  const write = (part: string | Buffer) => {
    sent(Buffer.byteLength(part))
    tls.write(part)
  }
  const head = (changed = {}) => headOf(good, visit.date, changed)
  const exchange: Exchange = { tls, good, write, head, sent }
  const { https } = machine.behaviour
  const mode = typeof https === 'string' ? https : 'ok'
  const endless = ENDLESS_ANSWERS[mode]
  if (endless) {
    endless(exchange)
    return
  }
  const bad = BAD_ANSWERS[mode]
  if (bad) bad(exchange)
  else write(head() + good.body)
  tls.end()
}

/** What the host means to say; the modes then spoil how it says it. */
function goodAnswer({ behaviour, policyBody }: Machine, request: string): HttpsAnswer {
  if (typeof behaviour.https === 'object' && behaviour.https) return behaviour.https
  const path = request.split(' ')[1]
  return policyBody !== null && path === POLICY_PATH
    ? { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: policyBody }
    : { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found\n' }
}

function headOf(
  { status, headers, body }: HttpsAnswer,
  date: string,
  changed: Readonly<Record<string, string>>,
): string {
  const fields = {
    date,
    'content-length': `${Buffer.byteLength(body)}`,
    ...headers,
    ...changed,
    connection: 'close',
  }
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'Lab'}\r\n${lines.join('')}\r\n`
}
