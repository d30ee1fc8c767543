import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cli } from '../../../src/cli/cli.ts'
import type { Io } from '../../../src/cli/io.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { capturedIo } from './captured-io.ts'

export interface Told {
  readonly status: number
  readonly out: string
  readonly err: string
}

/** A scratch directory with a watch list and a database, and the command line in it. Nobody answers its DNS questions. */
export class ReportInstallation implements AsyncDisposable {
  readonly place: string

  private constructor(place: string) {
    this.place = place
  }

  static async open(domains: readonly string[] = ['a.example', 'example.com']): Promise<ReportInstallation> {
    const installation = new ReportInstallation(await mkdtemp(join(tmpdir(), 'stswatch-reports-')))
    await installation.watch(domains)
    return installation
  }

  watch(domains: readonly string[]): Promise<string> {
    // Port 9 discards; on loopback nothing listens there.
    return this.put(
      'watch.yaml',
      JSON.stringify({ domains, resolvers: ['127.0.0.1:9'], ehlo_name: 'monitor.ops.example' }),
    )
  }

  async put(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.place, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    return path
  }

  path(name: string): string {
    return join(this.place, name)
  }

  get env() {
    return { DATABASE_FILE: join(this.place, 'db/stswatch.db') }
  }

  async run(args: readonly string[], parts: Partial<Io> & { readonly input?: string } = {}): Promise<Told> {
    const { io, said } = capturedIo({ env: this.env, ...parts })
    const status = await cli(['--config', join(this.place, 'watch.yaml'), ...args], io)
    return { status, ...said }
  }

  /** What it printed as JSON, a value a line. */
  async json(args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const { out } = await this.run([...args, '--json'])
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }

  store({ owner = false } = {}): Promise<Store> {
    return openStore(this.env.DATABASE_FILE, { owner, allowNetworkFilesystem: false, warn: () => {} })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.place, { recursive: true })
  }
}

/** No character that a terminal would obey or hide, but line ends. */
export const PRINTABLE = /^(?:\n|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u
