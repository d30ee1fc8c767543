import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'
import { RESOLVER_HELP } from './resolver-help.ts'

/** `notify` and `dkim`: do the channels work, and is the mail signed? */
export function addMail(program: Program, io: Io, config: () => string, done: Done): void {
  program
    .command('notify')
    .description('the channels that alerts go to')
    .command('test <channel>')
    .description('send a test message, marked as one, by a channel of the watch list; no incident is touched')
    .addHelpText(
      'after',
      '\nExit status: 0 delivered, 1 not.\n\nExamples:\n  stswatch notify test mail-ops\n  stswatch notify test console',
    )
    .action(async (channel: string) => {
      const { notifyTestCommand } = await import('./notify-test.ts')
      done(await notifyTestCommand({ configFile: config(), channel }, io))
    })
  const dkim = program.command('dkim').description('the keys that mail is signed with')
  dkim
    .command('keygen')
    .description('make the keys for mail and for TLS reports, and print what to publish and to configure')
    .option('--domain <domain>', 'the domain that signs; by default that of MAIL_FROM')
    .option('--dir <directory>', 'where the keys are written', 'config')
    .addHelpText(
      'after',
      '\nFiles that exist are never overwritten; the new ones can be read by this user alone.\n\nExamples:\n  stswatch dkim keygen\n  stswatch dkim keygen --domain example.net --dir /etc/stswatch',
    )
    .action(async (options: { domain?: string; dir: string }) => {
      const { dkimKeygenCommand } = await import('./dkim-keygen.ts')
      done(await dkimKeygenCommand({ domain: options.domain ?? null, directory: options.dir }, io))
    })
  dkim
    .command('check')
    .description('look up the published records of our keys and say what is wrong with them')
    .option('--json', 'as JSON')
    .option('--resolver <host:port>', RESOLVER_HELP, (value: string, all: string[]) => [...all, value], [])
    .addHelpText(
      'after',
      '\nExit status: 0 all is well, 1 something is wrong, 3 the DNS gave no answer.\n\nExamples:\n  stswatch dkim check\n  stswatch dkim check --json --resolver 127.0.0.1:53',
    )
    .action(async (options: { json?: boolean; resolver: string[] }) => {
      const { dkimCheckCommand } = await import('./dkim-check.ts')
      const request = { configFile: config(), resolvers: options.resolver, json: options.json === true }
      done(await dkimCheckCommand(request, io))
    })
}
