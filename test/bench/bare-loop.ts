/** The floor: the conversations of one look and one row in SQLite, with nothing of the product around them. */

import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { LabReady } from './lab-process.ts'

export interface BareTools {
  readonly resolver: Resolver
  readonly context: SecureContext
  readonly ports: ReadonlyMap<string, number>
  readonly keep: (domain: string, what: string) => void
}

/** One resolver, one SecureContext, one prepared statement on a database that commits as the product's does. */
export function bareTools({ dns, caPem, routes }: LabReady, databaseFile: string): BareTools {
  const resolver = new Resolver()
  resolver.setServers([`${dns.host}:${dns.port}`])
  const database = new DatabaseSync(databaseFile)
  database.exec(`PRAGMA journal_mode = wal; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS seen (domain TEXT PRIMARY KEY, what TEXT NOT NULL) STRICT`)
  const keep = database.prepare(
    'INSERT INTO seen VALUES (?, ?) ON CONFLICT (domain) DO UPDATE SET what = excluded.what',
  )
  return {
    resolver,
    context: createSecureContext({ ca: caPem }),
    ports: new Map(routes.map(({ address, port, to }) => [`${address} ${port}`, to])),
    keep: (domain, what) => keep.run(domain, what),
  }
}

/** Asks all that a look asks: the records, the policy of its host, STARTTLS of its MX host. Rejects when anything fails. */
export async function bareCheck(domain: string, tools: BareTools): Promise<void> {
  const { resolver } = tools
  const [sts, policy, tlsrpt, mail] = await Promise.all([
    resolver.resolveTxt(`_mta-sts.${domain}`),
    addressesOf(`mta-sts.${domain}`, resolver).then((address) =>
      barePolicy(`mta-sts.${domain}`, address, tools),
    ),
    resolver
      .resolveTxt(`_smtp._tls.${domain}`)
      .then(async (record) => ({ record, rua: await resolver.resolveMx(domain) })),
    bareMail(domain, tools),
  ])
  tools.keep(domain, JSON.stringify({ sts, policy, tlsrpt, mail }))
}

async function bareMail(domain: string, tools: BareTools): Promise<unknown> {
  const mx = await tools.resolver.resolveMx(domain)
  const host = mx[0]?.exchange ?? ''
  return { mx, session: await bareSession(host, await addressesOf(host, tools.resolver), tools) }
}

async function addressesOf(host: string, resolver: Resolver): Promise<string> {
  const [, aaaa] = await Promise.all([resolver.resolve4(host).catch(() => []), resolver.resolve6(host)])
  return aaaa[0] ?? ''
}

async function barePolicy(host: string, address: string, tools: BareTools): Promise<string> {
  const tls = await secured(connectTcp(tools.ports.get(`${address} 443`) ?? 0, '127.0.0.1'), host, tools)
  tls.write(`GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  let answer = ''
  for await (const chunk of tls) answer += String(chunk)
  if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`${host}: ${answer.slice(0, 40)}`)
  return answer
}

async function bareSession(host: string, address: string, tools: BareTools): Promise<string> {
  const socket = connectTcp(tools.ports.get(`${address} 25`) ?? 0, '127.0.0.1')
  await reply(socket)
  socket.write('EHLO monitor.bench.test\r\n')
  await reply(socket)
  socket.write('STARTTLS\r\n')
  await reply(socket)
  const tls = await secured(socket, host, tools)
  tls.write('EHLO monitor.bench.test\r\n')
  const capabilities = await reply(tls)
  tls.write('QUIT\r\n')
  await reply(tls)
  tls.destroy()
  return capabilities
}

async function secured(
  socket: ReturnType<typeof connectTcp>,
  host: string,
  { context }: BareTools,
): Promise<TLSSocket> {
  const tls = connectTls({ socket, servername: host, secureContext: context })
  await once(tls, 'secureConnect')
  return tls
}

/** The lab's replies come in one piece. */
async function reply(socket: NodeJS.EventEmitter): Promise<string> {
  const [chunk] = await once(socket, 'data')
  return String(chunk)
}
