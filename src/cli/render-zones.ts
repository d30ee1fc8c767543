import { staleServers } from '../check/stale-servers.ts'
import { display } from '../lib/display.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { ServerAddressLook, ZoneLook } from '../model/zone-look.ts'
import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import type { Paint } from './paint.ts'

/** The name servers of each zone: one line where they agree, else a table of every address with its serial. */
export function renderZones(snapshot: Snapshot, paint: Paint): readonly string[] {
  return snapshot.zones.flatMap((zone, index) => zoneLines(zone, snapshot, index === 0, paint))
}

interface Row {
  readonly good: boolean | null
  readonly server: string
  readonly address: string
  readonly text: string
}

function zoneLines(zone: ZoneLook, snapshot: Snapshot, isFirst: boolean, paint: Paint): readonly string[] {
  // A zone without servers of its own to be asked (a private root, a laboratory) has nothing to show.
  if (zone.nameServers.outcome === 'absent' || zone.nameServers.outcome === 'skipped') return []
  const rows = rowsOf(zone, snapshot)
  const isQuiet = rows.length > 0 && rows.every(({ good }) => good === true)
  const serials = new Set(rows.map(({ text }) => text))
  const label = (isFirst ? 'name servers' : '').padEnd(18)
  const head = (good: boolean | null, text: string) => `  ${mark(paint, good)} ${label} ${text}`
  const name = shown(zone.name)
  if (zone.nameServers.outcome === 'failed') {
    return [head(null, `${name}: could not be looked at: ${display(zone.nameServers.fault.detail, 160)}`)]
  }
  const count = `${zone.servers.length} server${zone.servers.length === 1 ? '' : 's'}, ${rows.length} address${rows.length === 1 ? '' : 'es'}`
  if (isQuiet && serials.size === 1) return [head(true, `${name}: ${count} agree, ${[...serials].join('')}`)]
  const good = rows.some((row) => row.good === false) ? false : null
  const widths = [widest(rows, 'server'), widest(rows, 'address')] as const
  return [
    head(good, `${name}: ${count}`),
    ...rows.map(
      (row) =>
        `      ${mark(paint, row.good)} ${row.server.padEnd(widths[0])} ${row.address.padEnd(widths[1])} ${row.text}`,
    ),
  ]
}

function rowsOf(zone: ZoneLook, snapshot: Snapshot): readonly Row[] {
  const stale = staleServers(zone, snapshot)
  return zone.servers.flatMap(({ name, addresses, asked }): readonly Row[] => {
    const server = shown(name)
    if (asked.length === 0) {
      const text = addresses.outcome === 'failed' ? display(addresses.fault.detail, 120) : 'has no address'
      return [{ good: addresses.outcome === 'failed' ? null : false, server, address: '-', text }]
    }
    const own = stale.find((one) => one.server === name)
    return asked.map((one): Row => {
      const told = standingText(one)
      const differs = own?.addresses.includes(one.address) ?? false
      const others = [...new Set((own?.differences ?? []).map((difference) => difference.type))].join(', ')
      const behind = others === '' ? ', behind the others' : `, other ${others} than the rest`
      return {
        server,
        address: one.address,
        ...told,
        ...(differs ? { good: false, text: `${told.text}${behind}` } : {}),
      }
    })
  })
}

function standingText({ soa, answers }: ServerAddressLook): Pick<Row, 'good' | 'text'> {
  if (soa.outcome === 'failed') return { good: null, text: `no answer: ${display(soa.fault.detail, 120)}` }
  if (soa.outcome !== 'seen') return { good: null, text: 'was not asked' }
  const { rcode, authoritative, soa: record } = soa.value
  if (rcode !== 'NOERROR') return { good: false, text: `answers ${display(rcode)}` }
  if (!authoritative || record === null) return { good: false, text: 'does not have the zone' }
  const dropped = answers.filter(
    ({ reply }) =>
      reply.outcome === 'failed' ||
      (reply.outcome === 'seen' && !['NOERROR', 'NXDOMAIN'].includes(reply.value.rcode)),
  )
  const types = [...new Set(dropped.map(({ type }) => type))].join(', ')
  return types === ''
    ? { good: true, text: `serial ${record.serial}` }
    : { good: false, text: `serial ${record.serial}, no answer for ${types}` }
}

function widest(rows: readonly Row[], column: 'server' | 'address'): number {
  return Math.max(...rows.map((row) => row[column].length))
}

function mark(paint: Paint, good: boolean | null): string {
  if (good === null) return paint('dim', '·')
  return good ? paint('green', '✓') : paint('red', '✗')
}

function shown(name: DomainName): string {
  return display(displayDomainName(name))
}
