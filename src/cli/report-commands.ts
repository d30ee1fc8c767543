import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'

const DAY = ['--day <date>', 'the UTC day that it is about, e.g. 2026-11-25; by default yesterday'] as const

/** `report …`: our own TLS reports about the watched domains. */
export function addReport(program: Program, io: Io, config: () => string, done: Done): void {
  const report = program
    .command('report')
    .description('our own TLS reports (RFC 8460) about the watched domains')
  report
    .command('preview <domain>')
    .description('show the report about a day, and where it goes; sends nothing')
    .option(...DAY)
    .option('--mail', 'the whole mail to the first address, as it goes out before it is signed')
    .option('--json', 'the report alone, as JSON')
    .addHelpText(
      'after',
      '\nWhere no session was counted that day, it shows what one look now would be reported as.\n\nExit status: 0 there is a report, 1 there is none.\n\nExamples:\n  stswatch report preview example.org\n  stswatch report preview example.org --day 2026-11-25 --json',
    )
    .action(async (domain: string, options: { day?: string; mail?: boolean; json?: boolean }) => {
      const { reportPreviewCommand } = await import('./report-preview.ts')
      const form = options.json === true ? 'json' : options.mail === true ? 'mail' : 'text'
      done(await reportPreviewCommand({ configFile: config(), domain, day: options.day ?? null, form }, io))
    })
  report
    .command('send <domain>')
    .description('send the report about a day, each address once: what was sent is not sent again')
    .option(...DAY)
    .option('--now', 'at once, instead of in the hours after midnight in which a running monitor sends it')
    .addHelpText(
      'after',
      '\nExit status: 0 taken (with --now) or queued, 1 not, or there is nothing to send.\n\nExamples:\n  stswatch report send example.org --now',
    )
    .action(async (domain: string, options: { day?: string; now?: boolean }) => {
      const { reportSendCommand } = await import('./report-send.ts')
      const request = { configFile: config(), domain, day: options.day ?? null, now: options.now === true }
      done(await reportSendCommand(request, io))
    })
  report
    .command('canary')
    .description('reports to yourself: would the TLS reports of others reach you?')
    .option('--now', 'send one to each address that is yours, and wait until it is in the mailbox')
    .option('--wait <time>', 'with --now: how long, e.g. 5m or 1h', '5m')
    .option('--json', 'one JSON object a report, one a line; not with --now')
    .addHelpText(
      'after',
      `
Yours are the published addresses in a domain that is watched or in that of the mailbox, or those under
\`reports.canary_addresses\`. With \`reports: { canary: true }\` a running monitor sends one every day and tells
when it is missing, late, refused, or arrives with a broken signature. It is never counted as a report.

Exit status: 0 they arrived, 1 not, or none was sent.

Examples:
  stswatch report canary
  stswatch report canary --now --wait 10m`,
    )
    .action(async (options: { now?: boolean; wait: string; json?: boolean }) => {
      if (options.now === true) {
        const { reportCanaryNowCommand } = await import('./report-canary-now.ts')
        done(await reportCanaryNowCommand({ configFile: config(), wait: options.wait }, io))
        return
      }
      const { reportCanaryCommand } = await import('./report-canary.ts')
      done(await reportCanaryCommand({ configFile: config(), json: options.json === true }, io))
    })
  report
    .command('list <domain>')
    .description('the reports about a domain, and what became of them, newest first')
    .option('--json', 'one JSON object a report, one a line')
    .action(async (domain: string, options: { json?: boolean }) => {
      const { reportListCommand } = await import('./report-list.ts')
      done(await reportListCommand({ configFile: config(), domain, json: options.json === true }, io))
    })
}
