/** Entry: hands the process to the command line, and is the only file that sets the exit status. */
import { existsSync } from 'node:fs'

const { EXIT } = await import('./cli/io.ts')
try {
  if (existsSync('.env')) process.loadEnvFile('.env')
} catch {
  process.stderr.write('stswatch: .env is there, but this user cannot read it; see its owner and mode\n')
  process.exit(EXIT.config)
}

const { cli } = await import('./cli/cli.ts')
const { processIo } = await import('./cli/process-io.ts')
const { tellCrash } = await import('./cli/crash.ts')

const io = processIo()
// A bug ends the process at once, whatever else is under way: the supervisor starts it again (R24).
process.on('uncaughtException', (error) => {
  tellCrash(error, io)
  process.exit(EXIT.internal)
})
process.exitCode = await cli(process.argv.slice(2), io)
