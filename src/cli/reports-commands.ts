import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'

interface Shared {
  readonly io: Io
  readonly config: () => string
  readonly done: Done
}

const DAYS = ['--days <n>', 'how far back'] as const
const JSON_LINES = ['--json', 'one JSON object a report, one a line'] as const

/** `reports …` and `readiness`: what other mail servers tell us. */
export function addReports(program: Program, io: Io, config: () => string, done: Done): void {
  const shared = { io, config, done }
  const reports = program
    .command('reports')
    .description('what other mail servers say in their TLS reports (RFC 8460)')
  addImport(reports, shared)
  addList(reports, shared)
  addReading(reports, shared)
  addQuarantine(reports, shared)
  addTools(reports, shared)
  addReadiness(program, shared)
}

function addImport(reports: Program, { io, config, done }: Shared): void {
  reports
    .command('import <path...>')
    .description(
      'read reports from json, gz, zip, eml and mbox files, Maildirs and folders of them; - for standard input',
    )
    .option('--admit', 'you vouch for these files: what nobody signed counts all the same')
    .option('--json', 'one JSON object a file, and the totals last')
    .addHelpText(
      'after',
      '\nFiles that were imported before are not read again, so it can be repeated at any time, also beside a running monitor.\n' +
        'Exit status: 0 all was read, 1 something was not, 66 a path does not exist.\n\nExamples:\n' +
        '  stswatch reports import ~/Maildir\n  stswatch reports import --admit old-reports.mbox 2025/\n  cat report.eml | stswatch reports import -',
    )
    .action(async (paths: string[], options: { admit?: boolean; json?: boolean }) => {
      const { reportsImportCommand } = await import('./reports-import.ts')
      const request = {
        configFile: config(),
        paths,
        admit: options.admit === true,
        json: options.json === true,
      }
      done(await reportsImportCommand(request, io))
    })
}

interface ListOptions {
  readonly domain?: string
  readonly sender?: string
  readonly days: string
  readonly failures?: boolean
  readonly quarantine?: boolean
  readonly json?: boolean
}

function addList(reports: Program, { io, config, done }: Shared): void {
  reports
    .command('list')
    .description('reports, newest first')
    .option('--domain <domain>', 'about this domain only')
    .option('--sender <domain>', 'signed by this domain, or said to be from it')
    .option(...DAYS, '30')
    .option('--failures', 'only those with failed sessions')
    .option('--quarantine', 'only those that nobody answers for')
    .option(...JSON_LINES)
    .addHelpText(
      'after',
      '\nExamples:\n  stswatch reports list --failures\n  stswatch reports list --sender google.com --days 7',
    )
    .action(async (options: ListOptions) => {
      const { reportsListCommand } = await import('./reports-list.ts')
      const request = {
        configFile: config(),
        domain: options.domain ?? null,
        sender: options.sender ?? null,
        days: options.days,
        failuresOnly: options.failures === true,
        quarantineOnly: options.quarantine === true,
        json: options.json === true,
      }
      done(await reportsListCommand(request, io))
    })
}

function addReading(reports: Program, { io, config, done }: Shared): void {
  reports
    .command('show <id>')
    .description('one report, policy by policy: what it says, how it came, who answers for it')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nA beginning of the id is enough.\n\nExamples:\n  stswatch reports show rep_4f2c')
    .action(async (id: string, options: { json?: boolean }) => {
      const { reportsShowCommand } = await import('./reports-show.ts')
      done(await reportsShowCommand({ configFile: config(), id, json: options.json === true }, io))
    })
  reports
    .command('senders')
    .description('who reports, how much and how regularly, and where each leaves the RFC')
    .option(...DAYS, '30')
    .option('--json', 'one JSON object a sender, one a line')
    .action(async (options: { days: string; json?: boolean }) => {
      const { reportsSendersCommand } = await import('./reports-senders.ts')
      done(
        await reportsSendersCommand(
          { configFile: config(), days: options.days, json: options.json === true },
          io,
        ),
      )
    })
}

function addQuarantine(reports: Program, { io, config, done }: Shared): void {
  reports
    .command('quarantine')
    .description('reports that nobody answers for, why, and what to do about it; they count for nothing')
    .option(...JSON_LINES)
    .action(async (options: { json?: boolean }) => {
      const { reportsQuarantineCommand } = await import('./reports-quarantine.ts')
      done(await reportsQuarantineCommand({ configFile: config(), json: options.json === true }, io))
    })
  reports
    .command('admit <id-or-sender>')
    .description('vouch for a quarantined report, or for everything that a sender is said to send')
    .addHelpText(
      'after',
      '\nAnybody can write a report in the name of a sender that does not sign: admit only what you know.\n\nExamples:\n' +
        '  stswatch reports admit rep_4f2c\n  stswatch reports admit example.net',
    )
    .action(async (what: string) => {
      const { reportsAdmitCommand } = await import('./reports-admit.ts')
      done(await reportsAdmitCommand({ configFile: config(), what }, io))
    })
}

function addTools(reports: Program, { io, config, done }: Shared): void {
  reports
    .command('reparse')
    .description(
      'read again every original that is kept, with the reader and watch list of today, and say what changed',
    )
    .option('--json', 'one JSON object a change, and the totals last')
    .action(async (options: { json?: boolean }) => {
      const { reportsReparseCommand } = await import('./reports-reparse.ts')
      done(await reportsReparseCommand({ configFile: config(), json: options.json === true }, io))
    })
  reports
    .command('redact <id>')
    .description('print the JSON of a report without names and addresses, to show it to a developer')
    .addHelpText('after', '\nExamples:\n  stswatch reports redact rep_4f2c > sample.json')
    .action(async (id: string) => {
      const { reportsRedactCommand } = await import('./reports-redact.ts')
      done(await reportsRedactCommand({ configFile: config(), id }, io))
    })
}

function addReadiness(program: Program, { io, config, done }: Shared): void {
  program
    .command('readiness <domain>')
    .description(
      'may this domain go from testing to enforce? Who would have been refused, and is the cause mended',
    )
    .option(...DAYS, '30')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nLooks at the domain once, and replays the reports of these days. For a domain in mode enforce: what that costs today.\n' +
        'Exit status: 0 ready, 1 not, 3 too little data.\n\nExamples:\n  stswatch readiness example.org',
    )
    .action(async (domain: string, options: { days: string; json?: boolean }) => {
      const { readinessCommand } = await import('./readiness.ts')
      done(
        await readinessCommand(
          { configFile: config(), domain, days: options.days, json: options.json === true },
          io,
        ),
      )
    })
}
