/** Small clients of their own, so that the lab is not judged by the code that it is there to test. */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { request } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls'
import packet, { type DecodedPacket, type RecordType } from 'dns-packet'
import type { Lab } from '../../../src/lab/lab.ts'
import type { Endpoint } from '../../../src/model/route.ts'
import { parseIpAddress } from '../../../src/protocol/ip-address.ts'

/** How long to wait for what shall come: long on a busy machine; and for what never comes. */
export function patienceFor(expected: string): number {
  return expected.includes('timeout') ? 300 : 10_000
}

const PATIENCE_MS = patienceFor('an answer')

export function ip(text: string) {
  const address = parseIpAddress(text)
  if (address === null) throw new Error(`${text} is no address`)
  return address
}

/** The loopback end of a route that must be open. */
export function endpointOf(lab: Lab, address: string, port: number): Endpoint {
  const target = lab.route(ip(address), port)
  if (typeof target === 'string') throw new Error(`${address} port ${port} is ${target}`)
  return target
}

interface Ask {
  readonly type?: RecordType
  readonly flags?: number
  readonly transport?: 'udp' | 'tcp'
  readonly edns?: boolean
  readonly patienceMs?: number
}

const QUERY_ID = 4711

function questionBytes(name: string, { type = 'TXT', flags = 0, edns = true }: Ask): Buffer {
  return packet.encode({
    type: 'query',
    id: QUERY_ID,
    flags: packet.RECURSION_DESIRED | flags,
    questions: [{ name, type, class: 'IN' }],
    additionals: edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: 1232,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  })
}

/** The bytes that came back, or why none did. */
export async function askRaw(server: Endpoint, name: string, ask: Ask = {}): Promise<Buffer | string> {
  const query = questionBytes(name, ask)
  const { patienceMs = PATIENCE_MS } = ask
  const signal = AbortSignal.timeout(patienceMs)
  if (ask.transport === 'tcp') {
    const socket = connect(server)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    socket.write(Buffer.concat([length, query]))
    const whole = (bytes: Buffer) => bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)
    const bytes = await collect(socket, whole, patienceMs)
    socket.destroy()
    return typeof bytes === 'string' ? bytes : bytes.subarray(2)
  }
  const socket = createSocket('udp4')
  try {
    socket.send(query, server.port, server.host)
    const [bytes]: Buffer[] = await once(socket, 'message', { signal })
    return bytes ?? 'empty'
  } catch {
    return 'timeout'
  } finally {
    socket.close()
  }
}

/** A DNS answer in one line: what happened to the id and question, RCODE, flags, records. */
export async function ask(server: Endpoint, name: string, options: Ask = {}): Promise<string> {
  const bytes = await askRaw(server, name, options)
  if (typeof bytes === 'string') return bytes
  try {
    return inOneLine(packet.decode(bytes), name)
  } catch {
    return 'undecodable'
  }
}

function inOneLine(message: DecodedPacket, name: string): string {
  const rcode = 'rcode' in message ? String(message.rcode) : '?'
  const records = (message.answers ?? []).map((record) => {
    const data = 'data' in record ? record.data : null
    return `${record.type} ${Array.isArray(data) ? Buffer.concat(data.map((d) => Buffer.from(d))).toString() : JSON.stringify(data)}`
  })
  return [
    message.id === QUERY_ID ? '' : 'wrong-id',
    message.questions?.[0]?.name === name ? '' : 'wrong-question',
    rcode,
    message.flag_ad ? 'AD' : '',
    message.flag_tc ? 'TC' : '',
    ...(message.authorities ?? []).map((record) => record.type),
    ...records,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** Reads until `enough` says so; else why it ended. */
export async function collect(
  socket: Socket | TLSSocket,
  enough: (bytes: Buffer) => boolean,
  patienceMs: number,
): Promise<Buffer | string> {
  const chunks: Buffer[] = []
  try {
    return await new Promise<Buffer | string>((resolve) => {
      const timer = setTimeout(() => resolve('timeout'), patienceMs)
      const end = (result: Buffer | string) => {
        clearTimeout(timer)
        resolve(result)
      }
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        const bytes = Buffer.concat(chunks)
        if (enough(bytes)) end(bytes)
        else if (bytes.length > 65_536) end('too-large')
      })
      socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
      socket.on('close', () => end('closed'))
    })
  } finally {
    socket.removeAllListeners('data')
    socket.on('error', () => {})
    if (!enough(Buffer.concat(chunks))) socket.destroy()
  }
}

/** One GET in one line: status, media type and size, or the error code, `timeout`, `too-large`. */
export function get(lab: Lab, address: string, host: string, patienceMs = PATIENCE_MS): Promise<string> {
  const { port } = endpointOf(lab, address, 443)
  return new Promise((resolve) => {
    const call = request({
      host: '127.0.0.1',
      port,
      servername: host,
      path: '/.well-known/mta-sts.txt',
      headers: { host },
      agent: false,
      ca: lab.caPem,
      maxHeaderSize: 16_384,
      signal: AbortSignal.timeout(patienceMs),
    })
    const fail = (error: NodeJS.ErrnoException) => resolve(whyFailed(error))
    call.on('error', fail)
    call.on('response', (response) => {
      let bytes = 0
      response.on('error', fail)
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= 65_536) return
        resolve('too-large')
        response.destroy()
      })
      response.on('end', () => {
        const { location, 'content-encoding': encoding, 'content-type': type } = response.headers
        resolve([response.statusCode, encoding ?? location ?? type].join(' '))
      })
    })
    call.end()
  })
}

function whyFailed(error: NodeJS.ErrnoException): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout'
  // OpenSSL's own words: `…:SSL routines:function:reason:file:…`
  return /SSL routines:[^:]*:([^:]*)/.exec(error.message)?.[1] ?? error.code ?? error.message
}

/** A TLS handshake that accepts anything: what Node says of the chain and the name, and the certificates as sent. */
export async function handshake(
  socket: Socket,
  ca: string,
  servername: string,
  patienceMs = PATIENCE_MS,
): Promise<{
  readonly verdict: string
  readonly chainLength: number
  readonly leaf: PeerCertificate
  readonly tls: TLSSocket
}> {
  const tls = connectTls({ socket, ca, servername, rejectUnauthorized: false })
  // What comes after the handshake, or after it was given up, is for nobody to hear.
  tls.on('error', () => {})
  await once(tls, 'secureConnect', { signal: AbortSignal.timeout(patienceMs) })
  const leaf = tls.getPeerCertificate(true)
  const names = [leaf.fingerprint256]
  for (let at = leaf; at.issuerCertificate && !names.includes(at.issuerCertificate.fingerprint256); ) {
    at = at.issuerCertificate
    names.push(at.fingerprint256)
  }
  return { verdict: tls.authorizationError?.toString() ?? 'ok', chainLength: names.length, leaf, tls }
}
