import { Command, CommanderError, Option } from 'commander'
import { addAnswering } from './answering-commands.ts'
import { addDoctor } from './doctor-commands.ts'
import { addDrill } from './drill-commands.ts'
import { EXIT, type Io } from './io.ts'
import { addMail } from './mail-commands.ts'
import { addMap } from './map-commands.ts'
import { addPlan } from './plan-commands.ts'
import { addPolicy } from './policy-commands.ts'
import { addReport } from './report-commands.ts'
import { addReports } from './reports-commands.ts'
import { RESOLVER_HELP } from './resolver-help.ts'
import { addSummary } from './summary-command.ts'

/**
 * Runs one command line and gives the exit status; rejects only for a bug of ours. Each command's code is loaded only
 * when it is called, so that `--help` answers at once.
 */
export async function cli(argv: readonly string[], io: Io): Promise<number> {
  let status: number = EXIT.ok
  const program = buildProgram(io, (code) => {
    status = code
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const { storeFailure } = await import('./store-failure.ts')
    const failure = storeFailure(error, io)
    if (failure === null) throw error
    return failure
  }
}

/** The whole command table; docs/cli.md is printed from it. */
export function buildProgram(io: Io, done: (status: number) => void): Command {
  const program = new Command('stswatch')
    .description(
      'Watches MTA-STS, TLS reporting and the certificates of mail servers, and tells a person when mail over verified TLS breaks.',
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .configureHelp({ showGlobalOptions: true })
    .addOption(
      new Option('-c, --config <file>', 'the watch list').env('WATCH_CONFIG').default('config/watch.yaml'),
    )
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      '\nStart with:\n  stswatch check example.org     look once, now\n  stswatch watch add example.org put it on the watch list\n  stswatch run                   watch, and tell\n  stswatch demo                  see it all on a simulated internet',
    )
  const config = (): string => program.opts<{ config: string }>().config
  addWatching(program, io, config, done)
  addAsking(program, io, config, done)
  addMap(program, io, config, done)
  addReports(program, io, config, done)
  addReport(program, io, config, done)
  addAnswering(program, io, config, done)
  addSummary(program, io, config, done)
  addPolicy(program, io, config, done)
  addMail(program, io, config, done)
  addDoctor(program, io, config, done)
  addPlan(program, io, config, done)
  addDrill(program, io, config, done)
  addTools(program, io, config, done)
  return program
}

/** Takes the exit status. */
export type Done = (status: number) => void
export type Program = Command

function addWatching(program: Command, io: Io, config: () => string, done: Done): void {
  program
    .command('run')
    .description('watch the domains of the watch list until told to stop')
    .addOption(
      new Option('--role <role>', 'all in one process, or one part of it')
        .choices(['all', 'scheduler', 'worker'])
        .default('all'),
    )
    .addHelpText(
      'after',
      '\nSIGHUP, or a changed file, reloads the watch list. SIGTERM leaves cleanly.\n\nExamples:\n  stswatch run\n  stswatch run --role worker',
    )
    .action(async (options: { role: 'all' | 'scheduler' | 'worker' }) => {
      const { runCommand } = await import('./run.ts')
      done(await runCommand({ configFile: config(), role: options.role }, io))
    })
  const watch = program.command('watch').description('edit the watch list; comments and order are kept')
  for (const [action, help] of [
    ['add', 'add domains'],
    ['remove', 'remove domains'],
  ] as const) {
    watch
      .command(`${action} <domain...>`)
      .description(help)
      .action(async (domains: string[]) => {
        const { watchCommand } = await import('./watch.ts')
        done(await watchCommand(action, { configFile: config(), domains, json: false }, io))
      })
  }
  watch
    .command('list')
    .description('show the watched domains')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { watchCommand } = await import('./watch.ts')
      done(await watchCommand('list', { configFile: config(), domains: [], json: options.json === true }, io))
    })
  program
    .command('check-config')
    .description(
      'read the watch list and the environment, and say what is wrong with them; opens no connection',
    )
    .action(async () => {
      const { validateCommand } = await import('./validate.ts')
      done(await validateCommand(config(), io))
    })
}

interface CheckOptions {
  readonly json?: boolean
  readonly fromFile?: string
  readonly resolver: string[]
  readonly policy?: string
  readonly mx: string[]
  readonly tlsa: string[]
  readonly stsRecord?: string
}

function collect(value: string, all: readonly string[]): string[] {
  return [...all, value]
}

function addAsking(program: Command, io: Io, config: () => string, done: Done): void {
  program
    .command('check [domain...]')
    .description('look at domains now and say what is wrong with them')
    .option('--json', 'one JSON object a domain')
    .option('--from-file <file>', 'domains from a file, one a line; - for standard input')
    .option('--resolver <host:port>', RESOLVER_HELP, (value: string, all: string[]) => [...all, value], [])
    .option('--policy <file>', 'what if this were the policy, under a new id; - for standard input')
    .option('--mx <host>', 'what if these were the MX hosts; repeat for more', collect, [])
    .option(
      '--tlsa <rdata>',
      'what if these TLSA records stood there, signed: "3 1 1 <hex>" for every MX host or "<host> 3 1 1 <hex>"; repeat for more',
      collect,
      [],
    )
    .option('--sts-record <text>', 'what if this were the record at _mta-sts')
    .addHelpText(
      'after',
      '\nWith --policy, --mx, --tlsa or --sts-record a world is judged that is not published yet: given hosts are really\nlooked at, and nothing is stored.\n\nExit status: 0 clean, 1 findings, 3 undecided (we could not find out).\n\nExamples:\n  stswatch check example.org\n  stswatch check --json --resolver 127.0.0.1:53 example.org example.net\n  stswatch check --from-file domains.txt\n  stswatch check --policy new.txt --mx mx1.example.net --mx mx2.example.net example.org',
    )
    .action(async (domains: string[], options: CheckOptions) => {
      const { checkCommand } = await import('./check.ts')
      const request = {
        configFile: config(),
        domains,
        json: options.json === true,
        fromFile: options.fromFile ?? null,
        resolvers: options.resolver,
        suppose: {
          policy: options.policy ?? null,
          mx: options.mx,
          tlsa: options.tlsa,
          stsRecord: options.stsRecord ?? null,
        },
      }
      done(await checkCommand(request, io))
    })
  program
    .command('history <domain>')
    .description('what changed at a domain, and until when senders may hold old policies')
    .option('--at <time>', 'the state as known at this time instead, e.g. 2026-11-20T12:00Z')
    .option('--days <n>', 'how far back', '90')
    .option('--json', 'as JSON')
    .action(async (domain: string, options: { at?: string; days: string; json?: boolean }) => {
      const { historyCommand } = await import('./history.ts')
      const request = {
        configFile: config(),
        domain,
        at: options.at ?? null,
        days: options.days,
        json: options.json === true,
      }
      done(await historyCommand(request, io))
    })
  program
    .command('incidents')
    .description('incidents, open ones first')
    .option('--all', 'ended ones as well')
    .option('--json', 'as JSON')
    .action(async (options: { all?: boolean; json?: boolean }) => {
      const { incidentsCommand } = await import('./incidents.ts')
      done(
        await incidentsCommand(
          { configFile: config(), all: options.all === true, json: options.json === true },
          io,
        ),
      )
    })
  program
    .command('explain <incident-or-code>')
    .description('the evidence of an incident, or the page of a finding')
    .addHelpText(
      'after',
      '\nExamples:\n  stswatch explain inc_4f2c\n  stswatch explain mta-sts.policy.mx-uncovered',
    )
    .action(async (subject: string) => {
      const { explainCommand } = await import('./explain.ts')
      done(await explainCommand({ configFile: config(), subject }, io))
    })
}

function addTools(program: Command, io: Io, _config: () => string, done: Done): void {
  const parse = program
    .command('parse')
    .description(
      'strict RFC verdict on a text (on a report: the tolerant reader’s), as JSON; exit status 0 valid, 1 not',
    )
  for (const [kind, help] of [
    ['policy', 'an MTA-STS policy file (RFC 8461 §3.2)'],
    ['sts-record', '_mta-sts TXT records, one a line (RFC 8461 §3.1)'],
    ['tlsrpt-record', '_smtp._tls TXT records, one a line (RFC 8460 §3)'],
    ['mx-match', 'a line "pattern host" (RFC 8461 §4.1)'],
  ] as const) {
    parse
      .command(`${kind} [file]`)
      .description(`${help}; standard input without a file`)
      .option('--lines', 'one JSON object {"id","input"} a line in, one a line out')
      .action(async (file: string | undefined, options: { lines?: boolean }) => {
        const { parseCommand } = await import('./parse.ts')
        done(await parseCommand(kind, { file: file ?? null, lines: options.lines === true }, io))
      })
  }
  parse
    .command('report [file]')
    .description(
      'a TLS report (RFC 8460 §4) as json, gz or zip, or a mail with one, read as tolerantly as the monitor reads it; standard input without a file',
    )
    .option(
      '--lines',
      'one JSON object {"id","input"} (the report\'s text) or {"id","base64"} (any of the files) a line in, one a line out',
    )
    .action(async (file: string | undefined, options: { lines?: boolean }) => {
      const { parseReportCommand } = await import('./parse-report.ts')
      done(await parseReportCommand({ file: file ?? null, lines: options.lines === true }, io))
    })
  program
    .command('schema')
    .description('print the JSON Schema of the watch list, for completion in editors')
    .action(async () => {
      const { printWatchSchema } = await import('../config/watch-json-schema.ts')
      io.out(printWatchSchema())
      done(EXIT.ok)
    })
  program
    .command('demo')
    .description('the whole product on a simulated internet: domains break and heal in front of you')
    .option('--fast', 'without waiting between the scenes')
    .action(async (options: { fast?: boolean }) => {
      const { demoCommand } = await import('./demo.ts')
      done(await demoCommand({ fast: options.fast === true }, io))
    })
}
