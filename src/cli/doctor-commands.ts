import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'

/** `doctor`: can this machine do the job? */
export function addDoctor(program: Program, io: Io, config: () => string, done: Done): void {
  program
    .command('doctor')
    .description('try everything that watching and alerting need, and say what to do about what is wrong')
    .option('--json', 'as JSON')
    .option(
      '--smtp <host>',
      'a mail host to try port 25 with, instead of the canaries; may be repeated',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .addHelpText(
      'after',
      `
Nothing is sent, and nothing is changed; it may run beside "stswatch run". No secret is printed.

✓ good   ! works, but read it   ✗ wrong   - not configured

Exit status: 0 nothing is wrong, 1 something is, 78 the configuration is broken.

Examples:
  stswatch doctor
  stswatch doctor --smtp mx1.example.net --smtp mx2.example.net
  stswatch doctor --json | jq '.lines[] | select(.state == "bad")'`,
    )
    .action(async (options: { json?: boolean; smtp: string[] }) => {
      const { doctorCommand } = await import('./doctor.ts')
      const request = { configFile: config(), json: options.json === true, smtpHosts: options.smtp }
      done(await doctorCommand(request, io))
    })
}
