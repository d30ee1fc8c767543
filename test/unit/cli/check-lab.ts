/** `check` on the simulated internet: the command itself, in this process, with the lab as its world. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../../src/app/open-probe.ts'
import { type CheckRequest, checkCommand } from '../../../src/cli/check.ts'
import type { Io } from '../../../src/cli/io.ts'
import { NOTHING_SUPPOSED } from '../../../src/cli/suppose-options.ts'
import { startLab } from '../../../src/lab/lab.ts'
import type { LabDomain } from '../../../src/lab/world.ts'
import type { Route } from '../../../src/model/route.ts'
import { DEFAULT_LIMITS } from '../../../src/probe/limits.ts'
import { worldOf } from '../../scenario/stage.ts'
import { capturedIo } from './captured-io.ts'

/** Waits that a busy machine keeps. */
const PATIENT: World['limits'] = {
  ...DEFAULT_LIMITS,
  dns: { ...DEFAULT_LIMITS.dns, tryMs: 10_000, tries: 1 },
}

/** Short waits for what never comes, for tests where silence is the point. */
export const SILENT_DNS: World['limits'] = {
  ...PATIENT,
  dns: { ...PATIENT.dns, tryMs: 150, totalMs: 1_000 },
}
export const SILENT_HOSTS: World['limits'] = { ...PATIENT, connectMs: 250 }

export interface Said {
  readonly status: number
  readonly out: string
  readonly err: string
}

export interface CheckLabOptions {
  readonly io?: Partial<Io> & { readonly input?: string }
  readonly request?: Partial<CheckRequest>
  readonly limits?: World['limits']
  /** Where connections go instead. */
  readonly route?: (lab: Route) => Route
}

/** A lab with these domains and a watch list that asks its resolver. */
export async function checkLab(domains: readonly LabDomain[]) {
  const lab = await startLab(worldOf(domains))
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-check-'))
  const configFile = join(directory, 'watch.yaml')
  const watch = {
    domains: domains.slice(0, 1).map(({ name }) => ({ name, expect: 'enforce' })),
    resolvers: [`${lab.dns.host}:${lab.dns.port}`],
    canaries: {
      dns: ['canary.test'],
      dnssec: ['signed.canary.test'],
      https: ['www.canary.test'],
      smtp: ['mx.canary.test'],
    },
    egress: { allow: ['2001:db8::/32'] },
    ehlo_name: 'monitor.ops.example',
  }
  await writeFile(configFile, JSON.stringify(watch))
  return {
    lab,
    directory,
    async check(names: readonly string[], options: CheckLabOptions = {}): Promise<Said> {
      const plain = { domains: names, json: false, fromFile: null, resolvers: [], suppose: NOTHING_SUPPOSED }
      const request = { configFile, ...plain, ...options.request }
      return await this.run((_, io, world) => checkCommand(request, io, world), options)
    },
    /** Another command in the same world; the environment is that of `check`. */
    async run(
      command: (configFile: string, io: Io, world: World) => Promise<number>,
      options: Pick<CheckLabOptions, 'io' | 'limits' | 'route'> = {},
    ): Promise<Said> {
      const { io, said } = capturedIo({ env: { DATABASE_FILE: join(directory, 'none.db') }, ...options.io })
      const route = options.route?.(lab.route) ?? lab.route
      const world = { route, roots: [lab.caPem], limits: options.limits ?? PATIENT }
      return { status: await command(configFile, io, world), ...said }
    },
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}
