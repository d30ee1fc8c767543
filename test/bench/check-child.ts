/**
 * One look at one domain of a lab in a process of its own: `check-child.ts stswatch|bare READY-FILE DIRECTORY`. The
 * product's `check` prints what it always prints; what either cost goes to the parent.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabReady } from './lab-process.ts'

const [, , who, readyFile = '', directory = ''] = process.argv
const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as LabReady
const name = ready.domains[0] ?? ''

if (who === 'bare') {
  const { bareCheck, bareTools } = await import('./bare-loop.ts')
  await bareCheck(name, bareTools(ready, join(directory, 'bare-child.db')))
  process.stdout.write(`${name}\n`)
} else {
  const { checkCommand } = await import('../../src/cli/check.ts')
  const { processIo } = await import('../../src/cli/process-io.ts')
  const { NOTHING_SUPPOSED } = await import('../../src/cli/suppose-options.ts')
  const { watchText, worldOf } = await import('./lab-process.ts')
  const configFile = join(directory, 'watch.yaml')
  writeFileSync(configFile, watchText(ready, [name]))
  const io = { ...processIo(), env: { DATABASE_FILE: join(directory, 'none.db') } }
  const request = {
    configFile,
    domains: [name],
    json: false,
    fromFile: null,
    resolvers: [],
    suppose: NOTHING_SUPPOSED,
  }
  const status = await checkCommand(request, io, worldOf(ready))
  if (status !== 0) throw new Error(`a healthy domain was given exit status ${status}`)
}
const { user, system } = process.cpuUsage()
process.send?.((user + system) / 1_000)
process.disconnect?.()
