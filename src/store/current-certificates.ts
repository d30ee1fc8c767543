/** The certificates that the newest looks saw. */
import { setImmediate as turn } from 'node:timers/promises'
import type { UnixMs } from '../lib/time.ts'
import type { Observation } from '../model/observation.ts'
import type { SmtpSession } from '../model/snapshot.ts'
import type { TlsFacts } from '../model/tls.ts'
import { childName, type DomainName } from '../protocol/domain-name.ts'
import type { Database, Sql } from './database.ts'
import type { Leaf } from './snapshot-parts.ts'

/** One a domain and host: of several addresses the certificate that ends first. */
export interface CurrentCertificate {
  readonly domain: DomainName
  readonly host: string
  readonly role: 'mx' | 'policy-host'
  readonly notBeforeAt: UnixMs
  readonly notAfterAt: UnixMs
  readonly hasTlsa: boolean
}

/** Larger pages hold up what else waits for the database. */
const DOMAINS_AT_ONCE = 200
const CONTENTS_AT_ONCE = 500

type Validity = Pick<CurrentCertificate, 'notBeforeAt' | 'notAfterAt'>
/** What a content says: a certificate, or that there are TLSA records. Null: nothing of the kind. */
type Reading = Validity | 'tlsa' | null

/** By domain. Many domains have the same mail hosts, so that each content is read once only. */
export async function* currentCertificates(database: Database): AsyncIterable<CurrentCertificate> {
  const readings = new Map<number, Reading>()
  let after = 0
  for (;;) {
    const from = after
    const parts = await database.read(async (sql) => {
      const found = await currentParts(sql, from)
      await readContents(
        sql,
        found.map(({ content }) => content).filter((id) => !readings.has(id)),
        readings,
      )
      return found
    })
    for (const [domain, own] of Map.groupBy(parts, (part) => part.domain)) {
      yield* certificatesOf(domain as DomainName, own, readings)
    }
    const last = parts.at(-1)
    if (last === undefined) return
    after = last.watched
    // SQLite answers at once: without this nothing else would get its turn until the last page.
    await turn()
  }
}

type CurrentPart = Awaited<ReturnType<typeof currentParts>>[number]

async function currentParts(sql: Sql, after: number) {
  return sql
    .selectFrom('look')
    .innerJoin('part', 'part.id', 'look.part')
    .innerJoin('watched', 'watched.id', 'look.watched')
    .select(['watched.domain', 'look.watched', 'part.name', 'look.content'])
    .where('look.last_look', 'is', null)
    .where('look.watched', 'in', (row) =>
      row.selectFrom('watched').select('id').where('id', '>', after).orderBy('id').limit(DOMAINS_AT_ONCE),
    )
    .where((row) =>
      row.or([
        row('part.name', 'like', 'host.session %'),
        row('part.name', 'like', 'host.tlsa %'),
        row('part.name', 'like', 'policy-host.tls %'),
        // A domain of which nothing of these is known still moves the page on.
        row('part.name', '=', 'mx'),
      ]),
    )
    .orderBy('look.watched')
    .execute()
}

async function readContents(
  sql: Sql,
  wanted: readonly number[],
  readings: Map<number, Reading>,
): Promise<void> {
  const ids = [...new Set(wanted)]
  for (let from = 0; from < ids.length; from += CONTENTS_AT_ONCE) {
    const rows = await sql
      .selectFrom('content')
      .select(['id', 'body'])
      .where('id', 'in', ids.slice(from, from + CONTENTS_AT_ONCE))
      .execute()
    for (const { id, body } of rows) readings.set(id, readingOf((JSON.parse(body) as Leaf).observation))
  }
}

function readingOf(observation: Observation<unknown>): Reading {
  if (observation.outcome !== 'seen') return null
  const value = observation.value as object
  if ('records' in value) return (value.records as readonly unknown[]).length > 0 ? 'tlsa' : null
  const leaf = 'startTls' in value ? leafOfSession(value as SmtpSession) : (value as TlsFacts).chain[0]
  return leaf === undefined ? null : { notBeforeAt: leaf.notBeforeAt, notAfterAt: leaf.notAfterAt }
}

function leafOfSession({ startTls }: SmtpSession) {
  return startTls.outcome === 'established' ? startTls.tls.chain[0] : undefined
}

function certificatesOf(
  domain: DomainName,
  parts: readonly CurrentPart[],
  readings: ReadonlyMap<number, Reading>,
): readonly CurrentCertificate[] {
  const withTlsa = new Set<string>()
  const soonest = new Map<string, Pick<CurrentCertificate, 'host' | 'role'> & Validity>()
  for (const { name, content } of parts) {
    const [kind, named = ''] = name.split(' ')
    const reading = readings.get(content) ?? null
    if (kind === 'host.tlsa' && reading === 'tlsa') withTlsa.add(named)
    if (reading === null || reading === 'tlsa') continue
    const role = kind === 'policy-host.tls' ? 'policy-host' : 'mx'
    const host = role === 'mx' ? named : childName('mta-sts', domain)
    const known = soonest.get(`${role} ${host}`)
    if (known === undefined || reading.notAfterAt < known.notAfterAt) {
      soonest.set(`${role} ${host}`, { host, role, ...reading })
    }
  }
  return [...soonest.values()].map((one) => ({
    domain,
    ...one,
    hasTlsa: one.role === 'mx' && withTlsa.has(one.host),
  }))
}
