import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { World } from '../../src/app/open-probe.ts'
import { parseWatchConfig } from '../../src/config/parse-watch-config.ts'
import type { WatchConfig } from '../../src/config/watch-config.ts'
import { systemClock } from '../../src/lib/time.ts'
import { DEFAULT_LIMITS } from '../../src/probe/limits.ts'
import { CANARIES } from './lab-world.ts'

export interface LabShape {
  readonly domains: number
  /** 0: every domain has an MX host of its own. */
  readonly sharedMx: number
}

/** What the child says when it plays its world. */
export interface LabReady {
  readonly domains: readonly string[]
  readonly dns: { readonly host: string; readonly port: number }
  readonly caPem: string
  readonly routes: readonly { readonly address: string; readonly port: 25 | 443; readonly to: number }[]
}

/** What the lab's servers saw since they were asked last. */
export interface LabTally {
  readonly questions: number
  readonly httpsSessions: number
  readonly policiesAsked: number
  readonly smtpSessions: number
  readonly smtpSecured: number
}

/** The simulated internet in another process. Disposing of it ends the process. */
export class LabProcess implements AsyncDisposable {
  readonly domains: readonly string[]
  readonly ready: LabReady
  readonly world: World
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, ready: LabReady) {
    this.#child = child
    this.ready = ready
    this.domains = ready.domains
    this.world = worldOf(ready)
  }

  static async start(shape: LabShape): Promise<LabProcess> {
    const child = fork(join(import.meta.dirname, 'lab-child.ts'), [JSON.stringify(shape)])
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the lab's process ended with ${code}`)
    })
    ended.catch(() => {})
    const [ready] = await Promise.race([once(child, 'message'), ended])
    return new LabProcess(child, ready as LabReady)
  }

  /** What the servers saw since this was asked last. */
  async tally(): Promise<LabTally> {
    const answer = once(this.#child, 'message')
    this.#child.send('tally')
    const [tally] = await answer
    return tally as LabTally
  }

  /** The configuration that watches these domains of this world. */
  config(domains: readonly string[] = this.domains): WatchConfig {
    const text = watchText(this.ready, domains)
    const parsed = parseWatchConfig(text, 'the bench', {
      hostname: 'monitor.bench.test',
      now: systemClock.now(),
      lab: false,
    })
    if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
    return parsed.config
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await gone
  }
}

/** The way into that world: its ports and its root certificate. */
export function worldOf({ routes, caPem }: LabReady): World {
  const ports = new Map(routes.map(({ address, port, to }) => [`${address} ${port}`, to]))
  return {
    route: (address, port) => {
      const to = ports.get(`${address} ${port}`)
      return to === undefined ? 'no-route' : { host: '127.0.0.1', port: to }
    },
    roots: [caPem],
    limits: DEFAULT_LIMITS,
  }
}

/** watch.yaml for domains of that world. */
export function watchText({ dns }: LabReady, domains: readonly string[]): string {
  return JSON.stringify({
    domains,
    resolvers: [`${dns.host}:${dns.port}`],
    canaries: CANARIES,
    egress: { allow: ['2001:db8::/32'] },
    ehlo_name: 'monitor.bench.test',
  })
}
