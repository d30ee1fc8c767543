import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'

/** `summary`: how things stand. */
export function addSummary(program: Program, io: Io, config: () => string, done: Done): void {
  program
    .command('summary')
    .description(
      'how things stand, what happened in a week and what comes: the text that the summary mail has',
    )
    .option('--week <week>', 'another week than the last one that is over, e.g. 2026-W47')
    .option('--html <file>', 'write it as a page that needs no other file instead')
    .option(
      '--send',
      'put it into the outbox for the channels of `summary:`; a running monitor sends it at once',
    )
    .option('--json', 'the facts as JSON')
    .addHelpText(
      'after',
      '\nWhat stands, stands now, also when the week is an older one.\n\nExit status: 0 nothing needs hands, 1 something does; with --send and --html 0 when that was done.\n\nExamples:\n  stswatch summary\n  stswatch summary --week 2026-W47 --html week.html\n  stswatch summary --send',
    )
    .action(async (options: { week?: string; html?: string; send?: boolean; json?: boolean }) => {
      const { summaryCommand } = await import('./summary.ts')
      const request = {
        configFile: config(),
        week: options.week ?? null,
        html: options.html ?? null,
        send: options.send === true,
        json: options.json === true,
      }
      done(await summaryCommand(request, io))
    })
}
