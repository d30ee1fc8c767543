import type { PlanKind } from '../model/plan.ts'
import type { Done, Program } from './cli.ts'
import type { Io } from './io.ts'
import type { PlanRequest } from './plan.ts'
import { RESOLVER_HELP } from './resolver-help.ts'

const STATUS =
  '\nExit status: 0, 1 a step was done too early or something blocks the next one, 3 we could not find out.'
const KINDS: readonly (readonly [
  kind: PlanKind,
  usage: string,
  help: string,
  examples: readonly string[],
])[] = [
  [
    'publish',
    'publish <domain>',
    'publish MTA-STS for the first time, in mode testing',
    ['plan publish example.org', 'plan publish --watch example.org'],
  ],
  [
    'enforce',
    'enforce <domain>',
    'go from mode testing to enforce, and raise max_age',
    ['plan enforce example.org', 'plan enforce --watch --channel ops example.org'],
  ],
  [
    'change-mx',
    'change-mx <domain> <new...>',
    'change the MX hosts to these and no other',
    [
      'plan change-mx example.org mx1.example.net mx2.example.net',
      'plan change-mx --json example.org mx.example.net',
    ],
  ],
  [
    'retire',
    'retire <domain>',
    'end MTA-STS without hurting anybody',
    ['plan retire example.org', 'plan retire --watch example.org'],
  ],
  [
    'roll-tlsa',
    'roll-tlsa <domain>',
    'go over to the next key of an MX host that has TLSA records',
    [
      'plan roll-tlsa --host mx1.example.org --next-cert next.pem example.org',
      'plan roll-tlsa --host mx1.example.org --next-key next.pub.pem --watch example.org',
    ],
  ],
]

interface PlanOptions {
  readonly watch?: boolean
  readonly channel?: string
  readonly json?: boolean
  readonly resolver: string[]
  readonly host?: string
  readonly nextCert?: string
  readonly nextKey?: string
}

/** `plan`: the steps of a change, in order and with the earliest safe times. */
export function addPlan(program: Program, io: Io, config: () => string, done: Done): void {
  const plan = program
    .command('plan')
    .description(
      'the steps of a change in their order, each with its earliest safe time and the exact record or file',
    )
  for (const [kind, usage, help, examples] of KINDS) {
    const command = plan
      .command(usage)
      .description(help)
      .option('--watch', 'go on looking, and tell when a step is done and when the next one is safe')
      .option('--channel <name>', 'with --watch: tell it by this channel of the watch list as well')
      .option('--json', 'as JSON; with --watch one object for each look that brings something new')
      .option('--resolver <host:port>', RESOLVER_HELP, (value: string, all: string[]) => [...all, value], [])
    if (kind === 'roll-tlsa') {
      command
        .requiredOption('--host <name>', 'the MX host')
        .option('--next-cert <file>', 'the coming certificate, PEM')
        .option('--next-key <file>', 'its public key or a certificate request, PEM')
    }
    command
      .addHelpText(
        'after',
        `${STATUS}\n\nExamples:\n${examples.map((one) => `  stswatch ${one}`).join('\n')}`,
      )
      .action(async (domain: string, ...rest: unknown[]) => {
        const { planCommand } = await import('./plan.ts')
        done(await planCommand(requestOf(kind, config(), domain, rest), io))
      })
  }
}

/** Arguments come first, then the options. */
function requestOf(
  kind: PlanKind,
  configFile: string,
  domain: string,
  rest: readonly unknown[],
): PlanRequest {
  const isChange = kind === 'change-mx'
  const options = rest[isChange ? 1 : 0] as PlanOptions
  return {
    configFile,
    kind,
    domain,
    newHosts: isChange ? (rest[0] as string[]) : [],
    host: options.host ?? null,
    nextCert: options.nextCert ?? null,
    nextKey: options.nextKey ?? null,
    watch: options.watch === true,
    channel: options.channel ?? null,
    json: options.json === true,
    resolvers: options.resolver,
  }
}
