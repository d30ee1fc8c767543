import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'

/** `map`: what mail hosts have in common. */
export function addMap(program: Program, io: Io, config: () => string, done: Done): void {
  program
    .command('map [domain...]')
    .description(
      'which hosts share a certificate or key, and end together; which TLSA records must change together',
    )
    .option('--all', 'also what a single host has for itself')
    .option('--json', 'everything, as one JSON object')
    .addHelpText(
      'after',
      '\nReads what `stswatch run` saw last; opens no connection. Ports besides 25 are in it where `other_ports` says so.\n' +
        'Exit status: 0, also when nothing is shared; 66 when nothing was looked at yet.\n\nExamples:\n  stswatch map\n  stswatch map example.org\n  stswatch map --json',
    )
    .action(async (domains: string[], options: { all?: boolean; json?: boolean }) => {
      const { mapCommand } = await import('./map.ts')
      const request = {
        configFile: config(),
        domains,
        all: options.all === true,
        json: options.json === true,
      }
      done(await mapCommand(request, io))
    })
}
