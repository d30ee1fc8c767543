/** The command line as people start it: a process of its own, in a directory of its own, with this environment and no other. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const STSWATCH = join(import.meta.dirname, '../../../src/stswatch.js')

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A module that Node runs first, as text. */
  readonly before?: string
  readonly input?: string
}

export interface Ended {
  readonly status: NodeJS.Signals | number | null
  readonly out: string
  readonly err: string
}

/** A running command. Disposed of, it is dead. */
export class Running implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #changed = new EventTarget()
  readonly ended: Promise<Ended>
  out = ''
  err = ''

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
      this.#changed.dispatchEvent(new Event('said'))
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.err += text
      this.#changed.dispatchEvent(new Event('said'))
    })
    this.ended = once(child, 'close').then(([status, signal]) => {
      this.#changed.dispatchEvent(new Event('said'))
      return { status: signal ?? status, out: this.out, err: this.err }
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits until it has said this on standard error; throws with all it said when it ends before. */
  async saying(text: string): Promise<void> {
    await this.#until(() => this.err.includes(text), text)
  }

  /** The same for standard output. */
  async printing(text: string): Promise<void> {
    await this.#until(() => this.out.includes(text), text)
  }

  async #until(hasSaid: () => boolean, text: string): Promise<void> {
    while (!hasSaid()) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`it ended without saying ${text}:\n${this.out}${this.err}`)
      }
      await once(this.#changed, 'said')
    }
  }

  /** The JSON lines on standard error with this event. */
  logged(event: string): readonly Readonly<Record<string, unknown>>[] {
    return this.err
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .filter((entry) => entry.event === event)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.ended
  }
}

/** A directory to work in, with a resolver that nobody answers for: no command of these tests finds a way out. */
export async function workshop(domains: readonly string[] = ['a.example']) {
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-cli-'))
  const deadPort = await unusedPort()
  const write = (text: string) => writeFile(join(directory, 'watch.yaml'), text)
  await write(
    JSON.stringify({ domains, resolvers: [`127.0.0.1:${deadPort}`], ehlo_name: 'monitor.ops.example' }),
  )
  const start = (args: readonly string[], { env = {}, before, input }: StartOptions = {}): Running => {
    const first =
      before === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(before)}`]
    const child = spawn(process.execPath, [...first, STSWATCH, '--config', 'watch.yaml', ...args], {
      cwd: directory,
      env: { DATABASE_FILE: 'data/stswatch.db', ...env },
      stdio: 'pipe',
    })
    // A command that refuses its arguments leaves before it has read anything.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input ?? '')
    return new Running(child)
  }
  return {
    directory,
    deadPort,
    write,
    /** Puts what is no database where one should be. */
    async damage(file: string) {
      const place = join(directory, file)
      await mkdir(dirname(place), { mode: 0o700 })
      await writeFile(place, 'not SQLite at all '.repeat(500), { mode: 0o600 })
    },
    start,
    run: (args: readonly string[], options?: StartOptions): Promise<Ended> => start(args, options).ended,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

export type Workshop = Awaited<ReturnType<typeof workshop>>

/** A UDP port of loopback on which nothing listens. */
async function unusedPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}
