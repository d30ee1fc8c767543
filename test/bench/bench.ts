/**
 * `npm run bench -- [start|check|cycle|commit|ingest]`: what the product costs, on this machine, now; all of them without a
 * name. Each runs in a process of its own, so that none is measured in the memory of another.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir } from 'node:os'
import { join } from 'node:path'

const BENCHES: Readonly<Partial<Record<string, (directory: string) => Promise<string>>>> = {
  start: async (directory) => (await import('./start.ts')).benchStart(directory),
  check: async (directory) => (await import('./check.ts')).benchCheck(directory),
  cycle: async (directory) => (await import('./cycle.ts')).benchCycle(directory),
  commit: async (directory) => (await import('./commit.ts')).benchCommit(directory),
  // Needs Dovecot (Debian: dovecot-imapd).
  ingest: async (directory) => (await import('./ingest.ts')).benchIngest(directory),
}

const DATA = join(import.meta.dirname, '../../data')
/** Tells a child of this script that it is to measure. */
const CHILD = '--here'
// Where the product keeps its own: without it every process would load a compiler, and be measured with it.
const COMPILE_CACHE = join(tmpdir(), 'node-compile-cache')

const [name, mark] = process.argv.slice(2)
if (name !== undefined && mark === CHILD) await runHere(name)
else process.exitCode = await runChildren(name === undefined ? Object.keys(BENCHES) : [name])

async function runChildren(names: readonly string[]): Promise<number> {
  const unknown = names.find((one) => BENCHES[one] === undefined)
  if (unknown !== undefined) {
    process.stderr.write(`no bench ${unknown}; there are ${Object.keys(BENCHES).join(', ')}\n`)
    return 2
  }
  process.stdout.write(`${machineLine()}\n`)
  let worst = 0
  for (const one of names) {
    process.stdout.write('\n')
    const child = spawn(process.execPath, [import.meta.filename, one, CHILD], {
      stdio: 'inherit',
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    })
    const stop = () => child.kill()
    process.once('SIGTERM', stop)
    const [status] = await once(child, 'exit')
    process.off('SIGTERM', stop)
    worst = Math.max(worst, status ?? 1)
  }
  return worst
}

async function runHere(name: string): Promise<void> {
  // Where the product's own database is: a memory file system would make every commit free.
  mkdirSync(DATA, { recursive: true, mode: 0o700 })
  const directory = mkdtempSync(join(DATA, 'bench-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  process.on('SIGTERM', () => process.exit(1))
  const began = performance.now()
  const told = await BENCHES[name]?.(directory)
  process.stdout.write(`${told}\n(${((performance.now() - began) / 1_000).toFixed(0)} s)\n`)
}

function machineLine(): string {
  const processors = cpus()
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  const load = loadavg()[0]?.toFixed(1)
  return `${processors.length} × ${model}, ${process.platform} ${release()}, Node ${process.versions.node}, load ${load}`
}
