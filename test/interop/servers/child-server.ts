import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Asked every few milliseconds with everything the server has written, until it says yes. */
  readonly ready: (output: string) => boolean | Promise<boolean>
  /** Where it writes what it has to say; null: to standard output and standard error. */
  readonly logFile: string | null
}

/** A slow machine may need long to start a server; one that is dead is noticed at once. */
const START_MS = 60_000
const POLL_MS = 20
/** The kernel ends the server when the test process is killed itself and can end nothing any more. */
const DIES_WITH_US = ['--pdeathsig', 'KILL', '--']
const PATIENCE_MS = 5_000
const OUTPUT_MAX = 8_000

/**
 * A real server as a child process. It is asked to end by SIGTERM to its own process id, and whatever is left of its
 * process group after five seconds is killed.
 */
export class ChildServer implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  readonly #logFile: string | null
  #output = ''

  private constructor({ command, args, logFile }: ChildOptions) {
    this.#logFile = logFile
    // A group of its own: what the server forks can be ended with it, and nothing else is.
    this.#child = spawn('setpriv', [...DIES_WITH_US, command, ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.on('data', (chunk) => this.#hear(chunk))
    this.#child.stderr?.on('data', (chunk) => this.#hear(chunk))
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', (error) => {
        this.#hear(error.message)
        resolve()
      })
    })
  }

  /** Resolves when the server is ready; rejects with what it wrote when it ends or takes too long. */
  static async start(options: ChildOptions): Promise<ChildServer> {
    const server = new ChildServer(options)
    const deadline = performance.now() + START_MS
    while (!(await options.ready(server.output))) {
      if (!server.#isRunning || performance.now() > deadline) {
        await server[Symbol.asyncDispose]()
        throw new Error(`${options.command} did not start:\n${server.output.slice(-OUTPUT_MAX)}`)
      }
      await Promise.race([sleep(POLL_MS), server.#ended])
    }
    return server
  }

  /** Everything it has written so far. */
  get output(): string {
    const logged =
      this.#logFile !== null && existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : ''
    return this.#output + logged
  }

  /** Stops it in its tracks: its ports stay open and nobody answers. */
  freeze(): void {
    this.#signalGroup('SIGSTOP')
  }

  thaw(): void {
    this.#signalGroup('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isRunning) {
      this.thaw()
      this.#child.kill('SIGTERM')
      const patience = new AbortController()
      const overdue = sleep(PATIENCE_MS, 'overdue', { signal: patience.signal }).catch(() => 'ended')
      await Promise.race([this.#ended, overdue])
      patience.abort()
    }
    this.#signalGroup('SIGKILL')
    await this.#ended
  }

  get #isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  #hear(chunk: Buffer | string): void {
    this.#output += chunk.toString()
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // The whole group is gone already.
    }
  }
}
