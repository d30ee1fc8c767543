import type { FindingCode } from '../../model/finding.ts'
import { mailHost, policyText, redirectTo, textAnswer } from '../build-world.ts'
import type { LabHost, World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, withDomain, withHost, withPolicy } from './drill.ts'

const HOST = `mta-sts.${DRILL_DOMAIN}`
const URL = `https://${HOST}/.well-known/mta-sts.txt`
const STS_LINE = `_mta-sts.${DRILL_DOMAIN}. TXT "v=STSv1; id=`
const CURL = `curl -v --max-redirs 0 ${URL}`
const ADDRESSES = ['192.0.2.80', '198.51.100.80']
const WEEK = 604_800
const MX = `mx1.${DRILL_DOMAIN}`
const OLD = `old.${DRILL_DOMAIN}`

/** What the policy host does wrong, and the remedy of each. */
const UNFETCHABLE: readonly (readonly [string, string, Partial<LabHost>, string])[] = [
  [
    'redirects',
    'The web server redirects everything',
    { https: redirectTo('https://www.example.com/') },
    CURL,
  ],
  ['status', 'The policy file is deleted', { https: { status: 404, headers: {}, body: '' } }, CURL],
  ['no-address', 'The address of the policy host is deleted', { addresses: [] }, `${HOST}. CNAME`],
  ['refuses', 'The web server of the policy host stops', { https: null }, CURL],
  ['hangs', 'The policy host accepts connections and says nothing', { https: 'hang-after-connect' }, CURL],
  ['tls-alert', 'The policy host ends every handshake', { https: 'tls-alert' }, 'TLS 1.2 or newer'],
  [
    'html',
    'A login page stands where the policy was',
    { https: textAnswer('<html>', 'text/html') },
    'Content-Type: text/plain',
  ],
  ['endless', 'The policy file never ends', { https: 'endless-body' }, 'check which file is served'],
  ['compressed', 'The policy is sent compressed', { https: 'gzip' }, 'Switch compression off'],
  ['no-http', 'No HTTP is spoken on port 443', { https: 'garbage' }, 'Check what listens on port 443'],
]

/** The policy file: fetching it, its text, its past. */
export const POLICY_DRILLS: readonly Drill[] = [
  ...UNFETCHABLE.map(([name, title, edit, remedy]) =>
    drill({
      name: `policy-${name}`,
      title,
      finding: 'mta-sts.policy.unfetchable',
      severity: 'critical',
      remedy,
      break: withHost(HOST, edit),
      minutesToOpen: 40,
      minutesToResolve: 30,
    }),
  ),
  ofText('policy-without-max-age', 'The policy loses its max_age', 'mta-sts.policy.invalid', {
    severity: 'critical',
    remedy: STS_LINE,
    break: withPolicy('version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\n', null),
  }),
  ofText('policy-misspelt-key', 'A key of the policy is misspelt', 'mta-sts.policy.questionable', {
    remedy: `Correct ${URL}`,
    break: withPolicy(`${policyText({ mx: ['mx1.example.com'] })}nmx: mx2.example.com\r\n`, null),
    changes: 2,
  }),
  ofText(
    'policy-differs',
    'One of two web servers keeps an older policy',
    'mta-sts.policy.differs-by-address',
    {
      remedy: 'Serve the same file at every address',
      start: withHost(HOST, { addresses: ADDRESSES }),
      break: withHost(HOST, {
        byAddress: {
          '192.0.2.80': { https: textAnswer(policyText({ mode: 'testing', mx: ['mx1.example.com'] })) },
        },
      }),
      minutesToOpen: 40,
      minutesToResolve: 30,
    },
  ),
  ofText(
    'policy-edited-without-id',
    'The policy is edited, the id is not',
    'mta-sts.policy.changed-without-id',
    {
      remedy: STS_LINE,
      break: withPolicy({ maxAgeSeconds: 2 * WEEK }, null),
      mend: withPolicy({ maxAgeSeconds: 2 * WEEK }, '20260202T000000Z'),
    },
  ),
  ofText(
    'id-without-policy',
    'A new id is published, the policy stays',
    'mta-sts.policy.id-changed-without-text',
    {
      severity: 'info',
      remedy: 'see that it really reached the policy host',
      break: withPolicy({}, '20260202T000000Z'),
      mend: withPolicy({ maxAgeSeconds: 2 * WEEK }, '20260303T000000Z'),
    },
  ),
  ofText('policy-max-age-six-days', 'max_age goes below a week', 'mta-sts.policy.max-age-short', {
    severity: 'info',
    remedy: 'max_age: 1209600',
    break: withPolicy({ maxAgeSeconds: 518_400 }, '20260202T000000Z'),
    mend: withPolicy({ maxAgeSeconds: WEEK }, '20260303T000000Z'),
    changes: 2,
  }),
  ofText('policy-max-age-one-day', 'max_age is cut from a week to a day', 'mta-sts.policy.max-age-short', {
    remedy: 'max_age: 1209600',
    opens: [
      { code: 'mta-sts.policy.max-age-short', subject: null, severity: 'info' },
      { code: 'mta-sts.policy.weakened', subject: 'max-age', severity: 'warning' },
    ],
    break: withPolicy({ maxAgeSeconds: 86_400 }, '20260202T000000Z'),
    mend: withPolicy({ maxAgeSeconds: WEEK }, '20260303T000000Z'),
  }),
  ofText('policy-max-age-two-years', 'max_age goes above a year', 'mta-sts.policy.max-age-long', {
    remedy: 'max_age: 31557600',
    break: withPolicy({ maxAgeSeconds: 63_072_000 }, '20260202T000000Z'),
    mend: withPolicy({ maxAgeSeconds: 31_557_600 }, '20260303T000000Z'),
    changes: 2,
  }),
  ofText(
    'policy-mode-unexpected',
    'The policy goes to testing though enforce is meant',
    'mta-sts.policy.mode-weaker',
    {
      expect: 'enforce',
      remedy: 'mode: enforce',
      break: withPolicy({ mode: 'testing' }, '20260202T000000Z'),
      mend: withPolicy({}, '20260303T000000Z'),
    },
  ),
  ofText('policy-mode-weakened', 'The policy goes from enforce to testing', 'mta-sts.policy.weakened', {
    subject: 'mode',
    remedy: 'put the earlier text back and publish a new id',
    break: withPolicy({ mode: 'testing' }, '20260202T000000Z'),
    mend: withPolicy({}, '20260303T000000Z'),
  }),
  ofText('policy-max-age-cut', 'max_age is cut from a year to a week', 'mta-sts.policy.weakened', {
    subject: 'max-age',
    remedy: 'put the earlier text back and publish a new id',
    start: withPolicy({ maxAgeSeconds: 31_557_600 }, null),
    break: withPolicy({ maxAgeSeconds: WEEK }, '20260202T000000Z'),
    mend: withPolicy({ maxAgeSeconds: 31_557_600 }, '20260303T000000Z'),
  }),
  ofText('policy-mx-widened', 'An mx line becomes a wildcard', 'mta-sts.policy.weakened', {
    subject: 'mx-patterns',
    remedy: 'put the earlier text back and publish a new id',
    break: withPolicy({ mx: ['*.example.com'] }, '20260202T000000Z'),
    mend: withPolicy({}, '20260303T000000Z'),
  }),
  ofText('policy-pattern-unused', 'A mail host leaves, its line stays', 'mta-sts.policy.pattern-unused', {
    subject: 'old.example.com',
    severity: 'info',
    remedy: 'mx: old.example.com',
    start: (world) => withPolicy({ mx: [MX, OLD] }, null)(withMx([MX, OLD])(world)),
    break: withMx([MX]),
    mend: withPolicy({ mx: [MX] }, '20260303T000000Z'),
    changes: 2,
  }),
]

function ofText(
  name: string,
  title: string,
  finding: FindingCode,
  parts: Omit<Parameters<typeof drill>[0], 'name' | 'title' | 'finding'>,
): Drill {
  return drill({ name, title, finding, minutesToResolve: 30, ...parts })
}

function withMx(names: readonly string[]): (world: World) => World {
  return withDomain({
    mx: names.map((exchange, index) => ({ preference: 10 * (index + 1), exchange })),
    hosts: names.map((name) => mailHost(name)),
  })
}
