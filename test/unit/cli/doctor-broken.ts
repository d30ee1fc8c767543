/** More ways in which a line of `doctor` goes red. */

import { editDomain, editHost } from '../../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../../src/lab/certificate-spec.ts'
import type { World } from '../../../src/lab/world.ts'
import { MINUTE_MS, systemClock } from '../../../src/lib/time.ts'
import { DOMAIN, type Edit } from './doctor-lab.ts'

const fault = (rule: World['dnsFaults'][number]) => (world: World) => ({
  ...world,
  dnsFaults: [rule, ...world.dnsFaults],
})
const web = (edit: Parameters<typeof editHost>[2]) => (world: World) =>
  editHost(world, 'www.canary.test', edit)

/** Topic, what is broken, the world, how the command is run, the state, words of the line and of its remedy. */
type Break = readonly [string, string, (world: World) => World, Edit, 'bad' | 'warning', RegExp]
const same = (world: World) => world
export const ENDPOINT = 'https://www.canary.test/tls'

export const BREAKS: readonly Break[] = [
  [
    'runtime',
    'an old Node',
    same,
    { machine: { versions: { node: '24.9.0', sqlite: '3.50.0' } } },
    'bad',
    /Node\.js 24\.9\.0.*too old\nInstall Node\.js 26/,
  ],
  [
    'clock and HTTPS',
    'a clock that is slow',
    same,
    { clock: { ...systemClock, now: () => systemClock.now() - 5.5 * MINUTE_MS } },
    'bad',
    /5 minutes slow, by www\.canary\.test\nSwitch time synchronisation on/,
  ],
  [
    'clock and HTTPS',
    'nobody tells the time',
    web({ https: { status: 200, headers: { date: '' }, body: 'x' } }),
    {},
    'warning',
    /nobody told the time/,
  ],
  [
    'database',
    'in memory',
    same,
    { env: { DATABASE_FILE: ':memory:' } },
    'warning',
    /forgotten.*\nSet DATABASE_FILE/,
  ],
  [
    'DNS',
    'no TCP',
    fault({ at: 'canary.test', type: 'MX', resolver: 'all', fault: 'truncated-no-tcp' }),
    {},
    'bad',
    /127\.0\.0\.1:\d+: .*\nSee whether it runs, and open port \d+ to it over both: dig/,
  ],
  [
    'DNSSEC',
    'the signed canary cannot be asked for',
    fault({ at: 'signed.canary.test', type: 'any', resolver: 'all', fault: 'refused' }),
    {},
    'bad',
    /has no answer for signed\.canary\.test\nSee whether it can reach the Internet/,
  ],
  [
    'DNSSEC',
    'the broken canary cannot be asked for',
    fault({ at: 'bogus.canary.test', type: 'any', resolver: 'all', fault: 'refused' }),
    {},
    'warning',
    /bogus\.canary\.test, which it must refuse, could not be asked for\nName other domains/,
  ],
  [
    'mailbox of reports',
    'nobody listens',
    same,
    { env: { IMAP_URL: `imap://u:p-canary@127.0.0.1:1` } },
    'bad',
    /127\.0\.0\.1:1.*\nCheck host and port in IMAP_URL/,
  ],
  [
    'mailbox of reports',
    'the server quotes the login that it refuses',
    (world) => ({ ...world, imap: { mode: 'quotes-login', lacks: [], connections: null } }),
    {},
    'bad',
    /Check user and password in IMAP_URL/,
  ],
  [
    'mail server for alerts',
    'nobody listens',
    same,
    { env: { SMTP_URL: 'smtp://me:p-canary@127.0.0.1:1' } },
    'bad',
    /nobody listens at 127\.0\.0\.1:1 .*check host and port in SMTP_URL/,
  ],
  [
    'mail server for alerts',
    'it is busy',
    (world) => ({ ...world, inbox: { mode: 'busy', connections: null } }),
    {},
    'bad',
    /421/,
  ],
  [
    'DKIM',
    'it cannot be looked up',
    fault({ at: `*.${DOMAIN}`, type: 'TXT', resolver: 'all', fault: 'servfail' }),
    {},
    'warning',
    /_domainkey\.example\.net could not be looked up/,
  ],
  ['DKIM', 'another key', same, {}, 'bad', /another one.*\nTo see what to publish: stswatch dkim check/],
  [
    'Slack',
    'no token',
    same,
    { lab: true, env: { SLACK_BOT_TOKEN: '' } },
    'bad',
    /SLACK_BOT_TOKEN is not set\nPut the Bot User OAuth Token/,
  ],
  [
    'Slack',
    'it cannot be reached',
    (world) => ({ ...world, slack: { mode: 'reset', methods: ['auth.test'], calls: null } }),
    { lab: true },
    'bad',
    /Slack cannot be reached: .*\nOpen port 443 outwards to slack\.com/,
  ],
  [
    'Slack',
    'a missing scope for the channel',
    (world) => ({
      ...world,
      slack: { mode: { error: 'missing_scope' }, methods: ['conversations.info'], calls: null },
    }),
    { lab: true },
    'bad',
    /C0123ABCDE: Slack says missing_scope\nAdd the scopes/,
  ],
  [
    'report addresses',
    'the record cannot be looked up',
    fault({ at: `_smtp._tls.${DOMAIN}`, type: 'TXT', resolver: 'all', fault: 'servfail' }),
    {},
    'warning',
    /_smtp\._tls\.example\.net could not be looked up/,
  ],
  [
    'report addresses',
    'the MX cannot be looked up',
    (world) =>
      fault({ at: 'reports.test', type: 'MX', resolver: 'all', fault: 'servfail' })(
        editDomain(world, DOMAIN, { tlsrptRecord: ['v=TLSRPTv1; rua=mailto:a@reports.test'] }),
      ),
    {},
    'warning',
    /the MX records of reports\.test could not be looked up/,
  ],
  [
    'report addresses',
    'a domain that is not there',
    (world) => editDomain(world, DOMAIN, { tlsrptRecord: ['v=TLSRPTv1; rua=mailto:a@nowhere.test'] }),
    {},
    'bad',
    /nowhere\.test: none of its mail hosts greets/,
  ],
  ...(['refused', 'expired'] as const).map(
    (trouble): Break => [
      'report addresses',
      `an https endpoint whose ${trouble === 'refused' ? 'port is closed' : 'certificate has expired'}`,
      (world) =>
        web(trouble === 'refused' ? { path: 'refused' } : { certificate: CERTIFICATES.expired })(
          editDomain(world, DOMAIN, { tlsrptRecord: [`v=TLSRPTv1; rua=${ENDPOINT}`] }),
        ),
      {},
      'bad',
      /https:\/\/www\.canary\.test\/tls: .*\nReports to it are lost: name another one/,
    ],
  ),
  [
    'alarm paths',
    'alerts go through a mail host of a watched domain',
    (world) => ({
      ...world,
      records: world.records.map((one) =>
        one.type === 'MX' && one.name === 'alerts.test' ? { ...one, exchange: `mx1.${DOMAIN}` } : one,
      ),
    }),
    {},
    'warning',
    /alerts\.test|mx1\.example\.net/,
  ],
]
