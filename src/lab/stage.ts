import type { Socket } from 'node:net'
import type { Clock, UnixMs } from '../lib/time.ts'
import { parseIpAddress } from '../protocol/ip-address.ts'
import type { CertificateAuthority } from './ca.ts'
import { serveHttps } from './https.ts'
import { type Journal, newJournal } from './journal.ts'
import { type Machine, machinesByAddress } from './machines.ts'
import { serveSmtp } from './smtp.ts'
import type { World } from './world.ts'
import { type ZoneData, zoneData } from './zone-data.ts'

const SMTP_PORT = 25
const HTTPS_PORT = 443

/** The machines that listen on a port. */
export function servicesAt(machines: readonly Machine[], port: number): readonly Machine[] {
  if (port === SMTP_PORT) return machines.filter(({ behaviour }) => behaviour.smtp !== null)
  if (port === HTTPS_PORT) return machines.filter(({ behaviour }) => behaviour.https !== null)
  return []
}

/** The world as it is now, and what the servers need to play it. */
export class Stage {
  readonly ca: CertificateAuthority
  readonly journal: Journal = newJournal()
  readonly #clock: Clock
  #world: World
  #machines: ReadonlyMap<string, readonly Machine[]>
  #zones: ZoneData | null = null

  constructor(world: World, clock: Clock, ca: CertificateAuthority) {
    this.#clock = clock
    this.ca = ca
    this.#world = world
    this.#machines = machinesByAddress(world)
  }

  get world(): World {
    return this.#world
  }

  get serviceCount(): number {
    return [...this.#machines.values()].reduce(
      (sum, machines) =>
        sum + [SMTP_PORT, HTTPS_PORT].filter((port) => servicesAt(machines, port).length > 0).length,
      0,
    )
  }

  put(world: World): void {
    this.#machines = machinesByAddress(world)
    this.#world = world
    this.#zones = null
  }

  machinesAt(address: string): readonly Machine[] {
    return this.#machines.get(parseIpAddress(address) ?? address) ?? []
  }

  zones(): ZoneData {
    this.#zones ??= zoneData(this.#world)
    return this.#zones
  }

  faults(): World['dnsFaults'] {
    return this.#world.dnsFaults
  }

  now(): UnixMs {
    return this.#clock.now()
  }

  seen(entry: Omit<Journal['dns'][number], 'at'>): void {
    this.journal.dns.push({ at: this.#clock.now(), ...entry })
  }

  connected(socket: Socket, key: string): void {
    const [address = '', port] = key.split(' ')
    const machines = servicesAt(this.machinesAt(address), Number(port))
    // The world changed between the dialling and the connection.
    if (machines.length === 0) {
      socket.resetAndDestroy()
      return
    }
    const at = this.#clock.now()
    if (Number(port) === SMTP_PORT) this.#smtp(socket, machines, address, at)
    else this.#https(socket, machines, address, at)
  }

  #smtp(socket: Socket, machines: readonly Machine[], address: string, at: UnixMs): void {
    const entry = {
      at,
      address,
      ehloName: null,
      sni: null,
      secured: false,
      commands: [],
      quit: false,
      ended: false,
    }
    this.journal.smtp.push(entry)
    serveSmtp(socket, { machines, ca: this.ca, entry })
  }

  #https(socket: Socket, machines: readonly Machine[], address: string, at: UnixMs): void {
    const entry = { at, address, sni: null, request: null, bytesSent: 0, ended: false }
    this.journal.https.push(entry)
    const date = new Date(at).toUTCString()
    serveHttps(socket, { machines, ca: this.ca, date, entry }).catch(() => socket.destroy())
  }
}
