/** Entry: hands the process to the command line, and is the only file that sets the exit status. */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'

enableCompileCache()
if (existsSync('.env')) process.loadEnvFile('.env')

const { cli } = await import('./cli/cli.ts')
const { processIo } = await import('./cli/process-io.ts')

process.exitCode = await cli(process.argv.slice(2), processIo())
