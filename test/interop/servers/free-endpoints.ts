import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import type { Endpoint } from '../../../src/model/route.ts'

/**
 * Free ports for servers that cannot choose their own. A random address of 127.0.0.0/8 keeps everybody else away until
 * the server has taken them.
 */
export async function freeEndpoints(count: number, host = randomLoopback()): Promise<readonly Endpoint[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, host))
  await Promise.all(holders.map((holder) => once(holder, 'listening')))
  const endpoints = holders.map((holder) => ({ host, port: (holder.address() as AddressInfo).port }))
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))))
  return endpoints
}

/** One port that is free at as many addresses of one random 127.x.y.0/24. */
export async function freeColumn(count: number): Promise<readonly Endpoint[]> {
  if (count > 254) throw new Error('a /24 has no more than 254 addresses')
  const net = randomLoopback().split('.').slice(0, 3).join('.')
  const { port } = await freeEndpoint(`${net}.1`)
  const column = Array.from({ length: count }, (_, index) => ({ host: `${net}.${index + 1}`, port }))
  const holders = column.map(({ host }) => createServer().listen(port, host))
  await Promise.all(holders.map((holder) => once(holder, 'listening')))
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))))
  return column
}

/** One free port. */
export async function freeEndpoint(host?: string): Promise<Endpoint> {
  const [endpoint] = await freeEndpoints(1, host)
  if (endpoint === undefined) throw new Error('no free port')
  return endpoint
}

/** Does anybody take connections there? */
export function accepts({ host, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function randomLoopback(): string {
  return `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`
}
