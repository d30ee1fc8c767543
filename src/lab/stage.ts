import type { Socket } from 'node:net'
import type { Clock, UnixMs } from '../lib/time.ts'
import { parseIpAddress } from '../protocol/ip-address.ts'
import type { CertificateAuthority } from './ca.ts'
import type { CertificateSpec } from './certificate-spec.ts'
import { serveHttps } from './https.ts'
import { type FaceEntry, type Journal, newJournal } from './journal.ts'
import { type Machine, machinesByAddress } from './machines.ts'
import { serveSmtp } from './smtp.ts'
import { type Shown, serveTls } from './tls-side.ts'
import type { FacePort, LabRecord, World } from './world.ts'
import { type ZoneData, zoneData } from './zone-data.ts'

const SMTP_PORT = 25
const SUBMISSION_PORT = 587
const HTTPS_PORT = 443
const PORTS: readonly number[] = [SMTP_PORT, HTTPS_PORT, SUBMISSION_PORT, 465, 993]

/** The machines that listen on a port. */
export function servicesAt(machines: readonly Machine[], port: number): readonly Machine[] {
  if (port === SMTP_PORT) return machines.filter(({ behaviour }) => behaviour.smtp !== null)
  const web = machines.filter(({ behaviour }) => behaviour.https !== null)
  return port === HTTPS_PORT && web.length > 0 ? web : machines.filter((machine) => faceAt(machine, port))
}

function faceAt({ behaviour }: Machine, port: number): CertificateSpec | undefined {
  return behaviour.faces[port as FacePort]
}

/** What a machine shows at a port; two certificates are for port 25 alone. */
function shownAt(port: number): Shown {
  return ({ certificate, secondCertificate, faces }) => {
    if (port !== SMTP_PORT) return [faces[port as FacePort] ?? certificate]
    return secondCertificate === null ? [certificate] : [certificate, secondCertificate]
  }
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
      (sum, machines) => sum + PORTS.filter((port) => servicesAt(machines, port).length > 0).length,
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
    this.#zones ??= zoneData({ ...this.#world, records: this.#world.records.map((one) => this.#pinned(one)) })
    return this.#zones
  }

  #pinned(record: LabRecord): LabRecord {
    if (record.type !== 'TLSA' || (record.data !== '@lab' && record.data !== '@successor')) return record
    return { ...record, data: this.ca.keyDigest(record.data === '@lab' ? 'lab' : 'successor') }
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
    const speaksHttp = machines.some(({ behaviour }) => behaviour.https !== null)
    if (Number(port) === SMTP_PORT || Number(port) === SUBMISSION_PORT) {
      this.#smtp(socket, machines, address, Number(port))
    } else if (Number(port) === HTTPS_PORT && speaksHttp) this.#https(socket, machines, address, at)
    else this.#face(socket, machines, address, Number(port))
  }

  /** Shows its certificate, and says no more. */
  #face(socket: Socket, machines: readonly Machine[], address: string, port: number): void {
    const entry: FaceEntry = { at: this.#clock.now(), address, port, sni: null }
    this.journal.faces.push(entry)
    const onSni = (name: string) => {
      entry.sni = name
    }
    serveTls(socket, machines, this.ca, onSni, shownAt(port)).then(
      (tls) => tls.resume(),
      () => socket.destroy(),
    )
  }

  #smtp(socket: Socket, machines: readonly Machine[], address: string, port: number): void {
    const entry = {
      at: this.#clock.now(),
      address,
      port,
      ehloName: null,
      sni: null,
      secured: false,
      commands: [],
      quit: false,
      ended: false,
    }
    this.journal.smtp.push(entry)
    serveSmtp(socket, { machines, ca: this.ca, entry, shown: shownAt(port) })
  }

  #https(socket: Socket, machines: readonly Machine[], address: string, at: UnixMs): void {
    const entry = { at, address, sni: null, request: null, bytesSent: 0, ended: false }
    this.journal.https.push(entry)
    const date = new Date(at).toUTCString()
    serveHttps(socket, { machines, ca: this.ca, date, entry }).catch(() => socket.destroy())
  }
}
