/** Ways to be a bad server that several of the lab's servers share. */

import type { Duplex } from 'node:stream'

const DRIP_MS = 100

/** Writes `chunk` again and again, as fast as it is read, until the connection ends. */
export function flood(socket: Duplex, chunk: Buffer, onSent: (bytes: number) => void = () => {}): void {
  const pour = () => {
    while (!socket.destroyed && socket.writable) {
      onSent(chunk.length)
      if (!socket.write(chunk)) return
    }
  }
  socket.on('drain', pour)
  pour()
}

/** Writes one byte of `text` every 100 ms, from the start again when it is through, until the connection ends. */
export function drip(socket: Duplex, text: string, onSent: (bytes: number) => void = () => {}): void {
  let next = 0
  const timer = setInterval(() => {
    if (!socket.writable) return
    socket.write(text[next % text.length] ?? '')
    onSent(1)
    next++
  }, DRIP_MS)
  socket.on('close', () => clearInterval(timer))
}

/** A fatal handshake_failure alert (RFC 8446 §6) in answer to the first bytes that come. */
export function answerWithAlert(socket: Duplex): void {
  socket.once('data', () => socket.end(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28])))
}

/** Bytes that are no TLS record, in answer to the first bytes that come. */
export function answerWithGarbage(socket: Duplex): void {
  socket.once('data', () => socket.end('This is not the protocol that you are looking for.\r\n'.repeat(4)))
}

/** Reads and never answers. */
export function stayQuiet(socket: Duplex): void {
  socket.resume()
}
