import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'

/** `drill`: would I be told? */
export function addDrill(program: Program, io: Io, config: () => string, done: Done): void {
  program
    .command('drill [name]')
    .description(
      'a fault on a simulated internet, told by your own channels: would you have been told? Without a name: what there is',
    )
    .option('--channel <name>', 'by this channel alone')
    .addHelpText(
      'after',
      '\nEach drill sends what the monitor would send: one message when the fault opens and one when it is mended, marked as a drill. `all` plays every one of them. Nothing is remembered.\n\nExit status: 0 told, 1 not.\n\nExamples:\n  stswatch drill\n  stswatch drill certificate-expired --channel ops\n  stswatch drill all --channel ops',
    )
    .action(async (name: string | undefined, options: { channel?: string }) => {
      const { drillCommand } = await import('./drill.ts')
      done(
        await drillCommand(
          { configFile: config(), name: name ?? null, channel: options.channel ?? null },
          io,
        ),
      )
    })
}
