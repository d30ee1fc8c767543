import { type Clock, systemClock, type UnixMs } from '../lib/time.ts'
import type { Endpoint, Route } from '../model/route.ts'
import { CertificateAuthority, type Identity } from './ca.ts'
import { CERTIFICATES, type CertificateSpec } from './certificate-spec.ts'
import { IMAP_HOST, LabImap } from './imap.ts'
import { INBOX_HOST, LabInbox } from './inbox.ts'
import type { Journal } from './journal.ts'
import { LabNameServers } from './name-servers.ts'
import { Ports } from './ports.ts'
import { LabResolver } from './resolver.ts'
import { LabSlack } from './slack.ts'
import { Stage, servicesAt } from './stage.ts'
import type { World } from './world.ts'

const DNS_PORT = 53

export interface LabOptions {
  /** For the instants in journals and Date headers. Default: the system's. */
  readonly clock?: Clock
  /** Certificates count from here; the TLS stack judges them by the real clock. Default: the real now. */
  readonly now?: UnixMs
  /** How many resolvers; they may misbehave each on its own. Default: 1. */
  readonly resolvers?: number
}

/**
 * Starts a simulated internet on loopback, on free ports only.
 * Rejects, with everything closed again, when the world contradicts itself or no port can be had.
 */
export async function startLab(world: World, options: LabOptions = {}): Promise<Lab> {
  const { clock = systemClock, now = systemClock.now(), resolvers = 1 } = options
  await using started = new AsyncDisposableStack()
  const stage = new Stage(world, clock, await CertificateAuthority.create(now))
  const ports = started.use(
    await Ports.open((socket, key) => stage.connected(socket, key), stage.serviceCount),
  )
  const slack = started.use(await LabSlack.start(() => stage.world.slack, clock))
  const identity = await stage.ca.identity(CERTIFICATES.good, INBOX_HOST)
  const inbox = started.use(await LabInbox.start(identity, () => stage.world.inbox, clock))
  const mailbox = await stage.ca.identity(CERTIFICATES.good, IMAP_HOST)
  const imap = started.use(await LabImap.start(mailbox, () => stage.world.imap, clock))
  const nameServers = started.use(await LabNameServers.start(stage))
  const servers: LabResolver[] = []
  for (let index = 0; index < resolvers; index++) {
    servers.push(started.use(await LabResolver.start(index, stage)))
  }
  return new Lab({
    stage,
    ports,
    slack,
    inbox,
    imap,
    nameServers,
    resolvers: servers,
    closing: started.move(),
  })
}

interface LabParts {
  readonly stage: Stage
  readonly ports: Ports
  readonly slack: LabSlack
  readonly inbox: LabInbox
  readonly imap: LabImap
  readonly nameServers: LabNameServers
  readonly resolvers: readonly LabResolver[]
  readonly closing: AsyncDisposableStack
}

/** A running simulated internet. Disposing of it closes every socket. */
export class Lab implements AsyncDisposable {
  /** The first resolver. */
  readonly dns: Endpoint
  readonly resolvers: readonly Endpoint[]
  /** The root certificate to trust. */
  readonly caPem: string
  readonly journal: Journal
  readonly slack: LabSlack
  readonly inbox: LabInbox
  readonly imap: LabImap
  readonly #parts: LabParts

  /** Called by `startLab` only. */
  constructor(parts: LabParts) {
    this.#parts = parts
    this.resolvers = parts.resolvers.map(({ endpoint }) => endpoint)
    const [first] = this.resolvers
    if (first === undefined) throw new Error('a lab needs at least one resolver')
    this.dns = first
    this.caPem = parts.stage.ca.rootPem
    this.slack = parts.slack
    this.inbox = parts.inbox
    this.imap = parts.imap
    this.journal = parts.stage.journal
  }

  get world(): World {
    return this.#parts.stage.world
  }

  /** The certificate and key that a host with this specification shows, also before it does. */
  identity(spec: CertificateSpec, host: string): Promise<Identity> {
    return this.#parts.stage.ca.identity(spec, host)
  }

  /** Puts another world in place, at once, for every question and connection to come. Throws when it contradicts itself. */
  change(edit: (world: World) => World): void {
    this.#parts.stage.put(edit(this.world))
  }

  /** Where a connection to an address of this world really goes; addresses of nobody are `no-route`. */
  readonly route: Route = (address, port) => {
    const named = port === DNS_PORT ? this.#parts.nameServers.routeTo(address) : null
    if (named !== null) return named
    const machines = this.#parts.stage.machinesAt(address)
    const path = machines[0]?.behaviour.path ?? 'no-route'
    if (path !== 'open') return path
    if (servicesAt(machines, port).length === 0) return 'refused'
    return { host: '127.0.0.1', port: this.#parts.ports.portFor(`${address} ${port}`) }
  };

  /** Closes every listener and every connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.closing.disposeAsync()
  }
}
