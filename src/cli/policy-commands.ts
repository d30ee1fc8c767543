import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'
import type { GenerateOptions } from './policy-generate.ts'
import { RESOLVER_HELP } from './resolver-help.ts'

/** `policy`: make an MTA-STS policy. */
export function addPolicy(program: Program, io: Io, config: () => string, done: Done): void {
  const policy = program
    .command('policy')
    .description('MTA-STS policies: make one, or find out who can read one')
  policy
    .command('lint <file-or-domain>')
    .description(
      'is a policy valid by RFC 8461, and which known sending programs refuse or misread it? For a domain its record as well; - for standard input',
    )
    .option('--json', 'as JSON')
    .option('--resolver <host:port>', RESOLVER_HELP, (value: string, all: string[]) => [...all, value], [])
    .addHelpText(
      'after',
      '\nExit status: 0 clean, 1 not, 3 record or policy of the domain could not be found out.\n\nExamples:\n  stswatch policy lint public/mta-sts.txt\n  stswatch policy lint example.org\n  curl -s https://mta-sts.example.org/.well-known/mta-sts.txt | stswatch policy lint -',
    )
    .action(async (subject: string, options: { json?: boolean; resolver: string[] }) => {
      const { policyLintCommand } = await import('./policy-lint.ts')
      const request = { subject, json: options.json === true, resolvers: options.resolver }
      done(await policyLintCommand({ configFile: config(), ...request }, io))
    })
  policy
    .command('generate <domain>')
    .description(
      'the policy file for the MX hosts of a domain, and the records that belong to it; looks at the hosts',
    )
    .option('--mode <mode>', 'enforce, testing or none', 'testing')
    .option('--max-age <seconds>', 'how long senders may keep it', '604800')
    .option('--wildcard', 'cover the neighbours of each host too: *.example.net for mx1.example.net')
    .option(
      '--rua <address>',
      'where senders shall report to, a mail address or https URL: adds the record at _smtp._tls; repeat for more',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--out <directory>', 'write the file and the records there; nothing is overwritten')
    .option('--json', 'as JSON')
    .option('--resolver <host:port>', RESOLVER_HELP, (value: string, all: string[]) => [...all, value], [])
    .addHelpText(
      'after',
      '\nThe id is made from the text: any change of the text gives another id.\n\nExit status: 0 done, 1 no mail host to name or one that would fail, 3 the MX records could not be found out.\n\nExamples:\n  stswatch policy generate example.org\n  stswatch policy generate --mode enforce --max-age 1209600 example.org\n  stswatch policy generate --rua tls-reports@example.org --out public example.org',
    )
    .action(async (domain: string, options: GenerateOptions) => {
      const { policyGenerateCommand } = await import('./policy-generate.ts')
      done(await policyGenerateCommand({ configFile: config(), domain, options }, io))
    })
}
