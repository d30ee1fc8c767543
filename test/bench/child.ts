import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Cost } from './measure.ts'

/** From the start of a Node process to its end. */
export async function untilExit(args: readonly string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { stdio: 'ignore' })
  await once(child, 'exit')
  return performance.now() - began
}

/** From the start of a Node process to the first byte it says on standard output. */
export async function untilOutput(args: readonly string[]): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const gone = once(child, 'exit')
  await once(child.stdout, 'data')
  const took = performance.now() - began
  child.stdout.resume()
  await gone
  return took
}

/** A whole process that looks at one domain: its wall time from start to end, its CPU time from first to last. */
export async function checkProcess(
  who: 'stswatch' | 'bare',
  readyFile: string,
  directory: string,
): Promise<Cost> {
  const began = performance.now()
  const child = fork(join(import.meta.dirname, 'check-child.ts'), [who, readyFile, directory], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const [[cpuMs], [status]] = await Promise.all([once(child, 'message'), gone])
  if (status !== 0) throw new Error(`${who}: exit status ${status}`)
  return { wallMs: performance.now() - began, cpuMs: Number(cpuMs) }
}
