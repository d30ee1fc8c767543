import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'

const SILENCE_HELP =
  '\nA pattern is a finding code (mx.certificate.expired), a beginning of codes ("mx.certificate.*"), a domain, all\ndomains below one ("*.example.com"), a tag ("#customer-a"), code@domain, or "*".\n\nExamples:\n  stswatch silence mx.host.unreachable@example.com --for 2h --reason "moving the rack"\n  stswatch silence "#customer-a" --until 2026-12-01T20:00'

/** `ack` and `silence`: what people say to what they are told. */
export function addAnswering(program: Program, io: Io, config: () => string, done: Done): void {
  const by = ['--by <name>', 'who you are; by default the name of the user'] as const
  program
    .command('ack <incident>')
    .description('say that you look after an incident: no reminders until it gets worse, ends or comes back')
    .option('--note <text>', 'what others should know')
    .option(...by)
    .action(async (incident: string, options: { note?: string; by?: string }) => {
      const { ackCommand } = await import('./ack.ts')
      const { note = null, by: person = null } = options
      done(await ackCommand({ configFile: config(), incident, note, by: person }, io))
    })
  const silence = program
    .command('silence')
    .description('be quiet about some findings for a time; what still lasts then is told')
  silence
    .command('start <pattern>', { isDefault: true })
    .description('be quiet about what the pattern names')
    .option('--for <duration>', 'for so long: 90m, 2h, 1d')
    .option('--until <time>', 'until then, e.g. 2026-12-01T20:00')
    .option('--reason <text>', 'why')
    .option(...by)
    .addHelpText('after', SILENCE_HELP)
    .action(
      async (pattern: string, options: { for?: string; until?: string; reason?: string; by?: string }) => {
        const { silenceCommand } = await import('./silence.ts')
        const { for: span = null, until = null, reason = null, by: person = null } = options
        const request = { configFile: config(), pattern, for: span, until, reason, by: person }
        done(await silenceCommand(request, io))
      },
    )
  silence
    .command('list')
    .description('the silences in force')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { silenceListCommand } = await import('./silence.ts')
      done(await silenceListCommand({ configFile: config(), json: options.json === true }, io))
    })
  silence
    .command('end <id>')
    .description('end a silence now')
    .action(async (id: string) => {
      const { silenceEndCommand } = await import('./silence.ts')
      done(await silenceEndCommand({ configFile: config(), id }, io))
    })
}
