import { keyTypeName } from '../announce/key-type-name.ts'
import { durationText, instantText } from '../announce/text-time.ts'
import { type ReuseMap, reuseMap, type Shared, type SharedPin } from '../check/reuse-map.ts'
import { display } from '../lib/display.ts'
import { printableJson } from '../lib/printable-json.ts'
import { DAY_MS, systemClock, type UnixMs } from '../lib/time.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { type DomainName, displayDomainName, parseDomainName } from '../protocol/domain-name.ts'
import type { Store } from '../store/store.ts'
import { openAsking } from './asking.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'
import { countText } from './render-report.ts'

export interface MapRequest {
  readonly configFile: string
  /** Empty: all. */
  readonly domains: readonly string[]
  readonly all: boolean
  readonly json: boolean
}

/** `map`: what hosts have in common, from the newest looks in the store. */
export async function mapCommand({ configFile, domains, all, json }: MapRequest, io: Io): Promise<number> {
  const about: DomainName[] = []
  for (const word of domains) {
    const name = parseDomainName(word)
    if (name === null) return refuse(`"${display(word)}" is no domain name; write it like example.org`, io)
    about.push(name)
  }
  const opened = await openAsking(configFile, io)
  if (!opened.ok) return opened.error
  const { store, config, timezone } = opened.value
  await using _store = store
  if (config === null)
    return refuse(`${configFile}: the watch list says which domains; it cannot be read`, io)
  const snapshots = await newestLooks(
    store,
    config.domains.map(({ name }) => name),
  )
  if (snapshots.length === 0)
    return nothing('nothing was looked at yet. Start watching with: stswatch run', io)
  const unknown = about.find((name) => !snapshots.some(({ domain }) => domain === name))
  if (unknown !== undefined) {
    const hint = 'was not looked at yet. Watched domains: stswatch watch list'
    return nothing(`${displayDomainName(unknown)} ${hint}`, io)
  }
  const map = reuseMap(snapshots, about)
  io.out(
    json
      ? `${printableJson(JSON.stringify(map))}\n`
      : renderMap(map, all, { timezone, width: io.columns, paint: painter(io.terminal) }),
  )
  return EXIT.ok
}

async function newestLooks(store: Store, domains: readonly DomainName[]): Promise<readonly Snapshot[]> {
  const snapshots: Snapshot[] = []
  for (const domain of domains) {
    const snapshot = await store.snapshots.latestAnswered(domain)
    if (snapshot !== null) snapshots.push(snapshot)
  }
  return snapshots
}

interface Page {
  readonly timezone: string
  readonly width: number
  readonly paint: Paint
}

function renderMap(map: ReuseMap, all: boolean, page: Page): string {
  const now = systemClock.now()
  const shows = ({ hosts }: { readonly hosts: readonly string[] }) => all || hosts.length > 1
  const certificates = map.certificates.filter(shows)
  const keys = map.keys.filter((key) => shows(key) && (all || key.certificates.length > 1))
  const pins = map.pins.filter(shows)
  const sections = [
    section(
      'Certificates: these hosts end together',
      certificates.map((one) =>
        entry(
          `${keyTypeName(one.certificate)} ${one.certificate.sha256.slice(0, 16)}, issuer ${display(one.certificate.issuer, 80)}`,
          endText(one.certificate.notAfterAt, now, page),
          one,
          page,
        ),
      ),
      page,
    ),
    section(
      'Keys in several certificates: these hosts change their key, and TLSA records of it, together',
      keys.map((key) =>
        entry(
          `${keyTypeName(key)}${key.keyBits === null ? '' : ` ${key.keyBits}`} key ${key.spkiSha256.slice(0, 16)} in ${countText(key.certificates.length, 'certificate')}`,
          endText(key.certificates[0]?.notAfterAt ?? now, now, page),
          key,
          page,
        ),
      ),
      page,
    ),
    section(
      'TLSA records: these must be published anew together',
      pins.map((pin) => pinEntry(pin, page)),
      page,
    ),
  ].filter((text) => text !== '')
  const nothing = `${all ? 'No certificate was seen.' : 'No two hosts share a certificate, key or TLSA record (--all shows each host).'}\n`
  return [headLine(map, page), ...(sections.length === 0 ? [nothing] : sections)].join('\n')
}

function headLine({ domains, hosts, looked }: ReuseMap, { timezone, paint }: Page): string {
  const when =
    looked === null
      ? ''
      : `, last looked at ${looked.oldestAt === looked.newestAt ? '' : `between ${instantText(looked.oldestAt, timezone)} and `}${instantText(looked.newestAt, timezone)}`
  return `${paint('bold', `${countText(domains, 'domain')}, ${countText(hosts, 'host')}`)}${when}\n`
}

function section(title: string, entries: readonly string[], { paint }: Page): string {
  return entries.length === 0 ? '' : `${paint('bold', title)}\n${entries.join('')}`
}

function entry(title: string, end: string, shared: Shared, page: Page): string {
  const places = shared.hosts.map((host) => {
    const own = shared.places.filter((place) => place.host === host)
    const ports = [...new Set(own.map(({ port }) => port))].toSorted((one, other) => one - other)
    const addresses = new Set(own.map(({ address }) => address)).size
    return `${hostText(host)}:${ports.join(',')}${addresses > 1 ? ` (${addresses} addresses)` : ''}`
  })
  return [
    `  ${title}; ${end}`,
    wrap(`${countText(places.length, 'host')}: ${places.join(' ')}`, page.width, '      '),
    wrap(domainsText(shared.domains), page.width, '      '),
    '',
  ].join('\n')
}

function pinEntry({ record, pins, hosts, domains, matched }: SharedPin, page: Page): string {
  const shown = matched === null ? 'matches nothing that these hosts show' : `matches ${display(matched, 80)}`
  const names = hosts.map((host) => `_25._tcp.${display(host)}.`)
  return [
    `  ${display(record.length > 40 ? `${record.slice(0, 22)}…` : record)} (${pins === 'authority' ? 'a certification authority' : 'a certificate or its key'}); ${shown}`,
    wrap(names.join(' '), page.width, '      '),
    wrap(domainsText(domains), page.width, '      '),
    '',
  ].join('\n')
}

const DOMAINS_SHOWN = 12

function domainsText(domains: readonly DomainName[]): string {
  const rest = domains.length - DOMAINS_SHOWN
  const names = domains.slice(0, DOMAINS_SHOWN).map((name) => displayDomainName(name))
  return `${countText(domains.length, 'domain')}: ${names.join(' ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function endText(notAfterAt: UnixMs, now: UnixMs, { timezone, paint }: Page): string {
  const leftMs = notAfterAt - now
  const text =
    leftMs > 0
      ? `ends ${instantText(notAfterAt, timezone)} (in ${durationText(leftMs)})`
      : `ended ${instantText(notAfterAt, timezone)}`
  if (leftMs <= 0) return paint('red', text)
  return leftMs <= 7 * DAY_MS ? paint('yellow', text) : text
}

function hostText(host: string): string {
  return displayDomainName(display(host) as DomainName)
}

function nothing(message: string, io: Io): number {
  io.err(`stswatch map: ${message}\n`)
  return EXIT.noInput
}

function refuse(message: string, io: Io): number {
  io.err(`stswatch map: ${message}\n`)
  return EXIT.usage
}
