import { z } from 'zod'
import { SEVERITIES } from '../model/finding.ts'
import { OTHER_PORTS } from '../model/host-face.ts'
import { hosts } from './schema-hosts.ts'
import {
  channelList,
  cronLine,
  MIN_CHECK_GAP_MS,
  mapping,
  type SchemaContext,
  shortMapping,
  text,
} from './schema-parts.ts'
import { reports } from './schema-reports.ts'
import { mailbox, maintenance, summary } from './schema-sections.ts'
import * as values from './watch-values.ts'

/** The shape of watch.yaml: what may stand there, its defaults and what each key means. */

// The schema is made anew for each reading, and compiling it would take longer than using it.
z.config({ jitless: true })

export const MAX_DOMAINS = 20_000

export type WatchFile = z.output<ReturnType<typeof watchSchema>>
export type SchemaIssue = z.core.$ZodIssue

/** Reads a plain value; the issues are all there are, and none when there is a file. */
export function readWatchFile(
  value: unknown,
  context: SchemaContext,
): { readonly file: WatchFile | null; readonly issues: readonly SchemaIssue[] } {
  const result = watchSchema(context).safeParse(value)
  return result.success ? { file: result.data, issues: [] } : { file: null, issues: result.error.issues }
}

/** The JSON Schema (draft 2020-12) of what people write, short forms included. */
export function watchJsonSchema(): z.core.JSONSchema.BaseSchema {
  const nothing = { channels: [], domains: [], tags: [] }
  const context: SchemaContext = {
    ...nothing,
    cronRule: () => null,
    timezone: 'UTC',
    lab: false,
    summaryForm: 'either',
  }
  return z.toJSONSchema(watchSchema(context), {
    io: 'input',
    override: ({ jsonSchema }) => {
      const { shortForm, description, ...object } = jsonSchema
      if (shortForm === undefined) return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      Object.assign(jsonSchema, { description, anyOf: [shortForm, object] })
    },
  })
}

const hostName = text(values.hostName)
const findingCode = text(values.findingCode).meta({ enum: values.DOMAIN_CODES })
const warningDays = z.array(z.int().min(1).max(365)).min(1)
const expect = z.enum(['enforce', 'testing', 'any'])
const otherPorts = z.array(z.literal([...OTHER_PORTS])).max(OTHER_PORTS.length)
const dane = z.enum(['required', 'if-present', 'ignore'])
const minSeverity = z
  .enum(SEVERITIES)
  .default('info')
  .describe('The least severity that this channel is told. Changes worth knowing are `info`.')

const EXPECT = 'The MTA-STS mode you mean to have; a weaker one is a finding. `any`: whichever is published.'
const CHECK = 'When to look: a cron line with five fields in `timezone`, at most every five minutes.'
const DAYS =
  'Warn when this many days are left of a certificate, but not before the last quarter of its life.'
const OTHER =
  'Ports of the MX hosts besides 25 (of 465, 587, 993, 443) whose certificates are looked at, four times an hour at most: tells what was renewed there and not reloaded on port 25. Ports that are closed do not matter.'
const KEY_TYPES =
  'Look at both certificates of MX hosts that have one with an RSA and one with an ECDSA key; costs one more SMTP session an hour and address.'
const DANE =
  'TLSA records of the MX hosts: `required` makes a finding of their absence, `if-present` judges those that there are, `ignore` says nothing of them.'
const NAME_SERVERS =
  'Ask every authoritative server of the zone, and of the zones of the MX hosts, once an hour.'
const IGNORE = 'Finding codes that are not told.'

function defaults(context: SchemaContext) {
  return mapping({
    check: cronLine(context, MIN_CHECK_GAP_MS).prefault('*/15 * * * *').describe(CHECK),
    expect: expect.default('any').describe(EXPECT),
    certificate_warning_days: warningDays.default([21, 7, 3, 1]).describe(DAYS),
    channels: channelList(context).optional().describe('Channels that are told; all of them by default.'),
    dane: dane.default('if-present').describe(DANE),
    other_ports: otherPorts.default([]).describe(OTHER),
    both_key_types: z.boolean().default(false).describe(KEY_TYPES),
    name_servers: z.boolean().default(true).describe(NAME_SERVERS),
    ignore: z.array(findingCode).default([]).describe(IGNORE),
  })
    .prefault({})
    .describe('What holds for every domain that does not say otherwise.')
}

function domain(context: SchemaContext) {
  const shape = {
    name: text(values.watchedName).describe(
      'The domain; international names as they are written or as A-labels (xn--…).',
    ),
    check: cronLine(context, MIN_CHECK_GAP_MS).optional().describe(CHECK),
    expect: expect.optional().describe(EXPECT),
    certificate_warning_days: warningDays.optional().describe(DAYS),
    tags: z.array(text(values.tag)).default([]).describe('Your own words, to group by.'),
    channels: channelList(context).optional().describe('Channels that are told about this domain.'),
    dane: dane.optional().describe(DANE),
    other_ports: otherPorts.optional().describe(OTHER),
    both_key_types: z.boolean().optional().describe(KEY_TYPES),
    name_servers: z.boolean().optional().describe(NAME_SERVERS),
    submit_reports: z.boolean().optional().describe('Whether this domain gets TLS reports of ours.'),
    ignore: z
      .array(findingCode)
      .optional()
      .describe(`${IGNORE} Takes the place of the list in \`defaults\`.`),
  }
  return shortMapping(shape, 'name', 'A domain, or a mapping with its name and what is special about it.')
}

const channel = z.discriminatedUnion('type', [
  mapping({
    type: z.literal('console').describe('The terminal that `stswatch run` runs in.'),
    min_severity: minSeverity,
  }),
  mapping({
    type: z.literal('slack').describe('A Slack channel; needs SLACK_BOT_TOKEN.'),
    channel: text(values.slackChannel).describe('`"#name"` (in quotes: # begins a comment) or the id.'),
    min_severity: minSeverity,
  }),
  mapping({
    type: z.literal('email').describe('E-mail; needs SMTP_URL and MAIL_FROM.'),
    to: z.array(text(values.mailAddress)).min(1).describe('Addresses that are told.'),
    min_severity: minSeverity,
  }),
  mapping({
    type: z.literal('webhook').describe('An HTTPS POST; to a program, or to a chat.'),
    url_env: text(values.urlVariable).describe(
      'Name of the environment variable that holds the URL; it ends in `_WEBHOOK_URL`.',
    ),
    format: z
      .enum(['json', 'slack', 'teams', 'discord'])
      .default('json')
      .describe(
        '`json`: for programs, signed when `…_WEBHOOK_SECRET` is set. `slack`: incoming webhooks of Slack, Mattermost and others alike. `teams`: a Teams workflow. `discord`.',
      ),
    min_severity: minSeverity,
  }),
])

const resolver = shortMapping(
  {
    address: text(values.resolverText).describe('`system`, or an address with or without a port.'),
    trusted: z
      .boolean()
      .optional()
      .describe('Believe its DNSSEC verdict (AD bit); by default only on loopback addresses.'),
  },
  'address',
  '`system`, an address such as 192.0.2.53 or "[2001:db8::53]:5353", or a mapping.',
)

function canaries() {
  const names = (preset: readonly string[], description: string) =>
    z
      .array(hostName)
      .min(1)
      .default([...preset])
      .describe(description)
  return mapping({
    dns: names(['gmail.com', 'outlook.com', 'yahoo.com'], 'Domains that have an MX record.'),
    dnssec: names(
      ['ietf.org', 'internet.nl', 'nic.cz'],
      'Domains that are signed with DNSSEC; they show whether the resolvers validate.',
    ),
    bogus: names(
      ['dnssec-failed.org'],
      'Domains whose signatures are broken on purpose; `doctor` sees whether the resolvers refuse them.',
    ),
    https: names(
      ['www.google.com', 'www.microsoft.com'],
      'Hosts that answer HTTPS with a valid certificate.',
    ),
    smtp: names(
      ['gmail-smtp-in.l.google.com', 'outlook-com.olc.protection.outlook.com', 'mta5.am0.yahoodns.net'],
      'Mail hosts that greet on port 25.',
    ),
  })
    .prefault({})
    .describe('Well-known hosts that show that this machine can see, before anybody else is blamed.')
}

function watchSchema(context: SchemaContext) {
  return mapping({
    domains: z
      .array(domain(context))
      .min(1)
      .max(MAX_DOMAINS)
      .describe('The domains to watch: the only key that must be there.'),
    timezone: text(values.timeZone).prefault('UTC').describe('IANA time zone of schedules and texts.'),
    defaults: defaults(context),
    channels: z
      .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/), channel)
      .default({})
      .describe('Where alerts go, by a name of your choice. Without any the terminal is the channel.'),
    resolvers: z
      .array(resolver)
      .min(1)
      .prefault(['system'])
      .describe('DNS resolvers to ask; of several, most must agree before a record is believed.'),
    canaries: canaries(),
    egress: mapping({
      allow: z
        .array(text(values.egressBlock(context.lab)))
        .default([])
        .describe('Address blocks that probes may touch although they are not public, e.g. 10.20.0.0/16.'),
    })
      .prefault({})
      .describe('The guard over what probes may connect to.'),
    ehlo_name: hostName.optional().describe('The name given in EHLO; by default the name of this machine.'),
    hosts: hosts(),
    mailbox: mailbox(context),
    maintenance: z
      .array(maintenance(context))
      .default([])
      .describe(
        'Times in which somebody works on something. What is expected stays quiet until the window ends, and is told then when it still lasts.',
      ),
    summary: summary(context),
    reports: reports(context),
  })
}
