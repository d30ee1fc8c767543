import { addressFor, editDomain, mailHost } from '../build-world.ts'
import { certificate } from '../certificate-spec.ts'
import type { LabMx, SmtpMode, World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, withDomain, withHost, withPolicy } from './drill.ts'

const MX1 = `mx1.${DRILL_DOMAIN}`
const MX2 = `mx2.${DRILL_DOMAIN}`
const POLICY_HOST = `mta-sts.${DRILL_DOMAIN}`
const FIRST: LabMx = { preference: 10, exchange: MX1 }
const TRY = `openssl s_client -starttls smtp -connect [${addressFor(MX1)}]:25`

const STARTTLS = [
  ['missing', 'no-starttls', 'no longer offers STARTTLS', 'smtpd_tls_security_level = may'],
  ['refused', 'starttls-refused', 'offers STARTTLS and refuses it', 'cannot read its certificate or key'],
  ['injection', 'injection', 'sends plain text after it agreed to STARTTLS', 'update the mail server'],
] as const

const HANDSHAKES: readonly SmtpMode[] = ['tls-alert', 'tls-garbage', 'tls-close']
const REFUSALS: readonly SmtpMode[] = ['greeting-4xx', 'greeting-5xx', 'close-at-connect']

/** MX records, what they point at, and the hosts behind them. */
export const MAIL_HOST_DRILLS: readonly Drill[] = [
  drill({
    name: 'mx-deleted',
    title: 'Somebody deletes the MX record',
    finding: 'mx.record.missing',
    severity: 'critical',
    remedy: `${DRILL_DOMAIN}. MX 10`,
    break: withDomain({ mx: [] }),
    minutesToOpen: 30,
  }),
  drill({
    name: 'mx-implicit',
    title: 'The MX record is deleted, and mail goes to the web server',
    finding: 'mx.record.missing',
    remedy: `${DRILL_DOMAIN}. MX 10`,
    opens: [
      { code: 'mta-sts.policy.mx-uncovered', subject: DRILL_DOMAIN, severity: 'critical' },
      { code: 'mx.record.missing', subject: null, severity: 'info' },
    ],
    start: withDomain({ hosts: [mailHost(MX1), mailHost(DRILL_DOMAIN)] }),
    break: withDomain({ mx: [] }),
    minutesToOpen: 30,
  }),
  drill({
    name: 'mx-null-with-policy',
    title: 'The domain stops taking mail and keeps its policies',
    finding: 'mx.record.null-with-policy',
    remedy: 'retire them: MTA-STS by mode none first',
    break: withDomain({ mx: [{ preference: 0, exchange: '.' }] }),
  }),
  drill({
    name: 'mx-null-not-alone',
    title: 'A null MX is published beside the real one',
    finding: 'mx.record.null-not-alone',
    remedy: `${DRILL_DOMAIN}. MX 0 .`,
    break: withDomain({ mx: [{ preference: 0, exchange: '.' }, FIRST] }),
  }),
  drill({
    name: 'mx-alias',
    title: 'The MX host becomes an alias',
    finding: 'mx.target.alias',
    subject: MX1,
    severity: 'info',
    remedy: `real.${DRILL_DOMAIN}`,
    break: becomesAlias,
  }),
  drill({
    name: 'mx-address-literal',
    title: 'An MX record holds an address',
    finding: 'mx.target.address-literal',
    subject: '192.0.2.7',
    remedy: '192.0.2.7',
    break: withDomain({ mx: [FIRST, { preference: 20, exchange: '192.0.2.7' }] }),
  }),
  drill({
    name: 'mx-malformed',
    title: 'An MX record holds no host name',
    finding: 'mx.target.malformed',
    subject: `mx 2.${DRILL_DOMAIN}`,
    remedy: 'Correct the name in the MX record',
    break: withDomain({ mx: [FIRST, { preference: 20, exchange: `mx 2.${DRILL_DOMAIN}` }] }),
  }),
  drill({
    name: 'mx-without-address',
    title: 'The second MX host loses its address',
    finding: 'mx.target.unresolvable',
    subject: MX2,
    remedy: `${MX2}. A <address>`,
    start: twoHosts,
    break: withHost(MX2, { addresses: [] }),
    minutesToOpen: 30,
  }),
  drill({
    name: 'mx-private-address',
    title: 'The MX host gets an inside address as well',
    finding: 'mx.address.private',
    subject: MX1,
    remedy: `${MX1}. A 10.0.0.7`,
    break: (world) => withAddress(MX1, world),
  }),
  drill({
    name: 'policy-host-private-address',
    title: 'The policy host gets an inside address as well',
    finding: 'policy-host.address.private',
    subject: POLICY_HOST,
    remedy: `${POLICY_HOST}. A 10.0.0.7`,
    break: (world) => withAddress(POLICY_HOST, world),
  }),
  drill({
    name: 'mx-not-covered',
    title: 'A new mail host joins that the policy does not know',
    finding: 'mta-sts.policy.mx-uncovered',
    subject: MX2,
    severity: 'critical',
    remedy: `mx: ${MX2}`,
    break: (world) => join(MX2, world),
    mend: withPolicy({ mx: [MX1, MX2] }, '20260202T000000Z'),
    minutesToResolve: 30,
  }),
  drill({
    name: 'mx-down',
    title: 'One of two mail hosts stops',
    finding: 'mx.host.unreachable',
    subject: MX2,
    remedy: `openssl s_client -starttls smtp -connect [${addressFor(MX2)}]:25`,
    start: twoHosts,
    break: withHost(MX2, { smtp: null }),
    minutesToOpen: 40,
  }),
  drill({
    name: 'mx-all-down',
    title: 'The only mail host stops',
    finding: 'mx.host.unreachable',
    subject: MX1,
    severity: 'critical',
    remedy: TRY,
    break: withHost(MX1, { smtp: null }),
    minutesToOpen: 40,
  }),
  ...REFUSALS.map((smtp) =>
    drill({
      name: `mx-${smtp}`,
      title: `The mail host turns the monitor away (${smtp})`,
      finding: 'mx.host.refuses-monitor',
      subject: MX1,
      severity: 'info',
      remedy: 'let this monitor in',
      break: withHost(MX1, { smtp }),
      minutesToOpen: 40,
    }),
  ),
  ...STARTTLS.map(([trouble, smtp, what, remedy]) =>
    drill({
      name: `mx-starttls-${trouble}`,
      title: `The mail host ${what}`,
      finding: `mx.starttls.${trouble}`,
      subject: MX1,
      severity: 'critical',
      remedy,
      break: withHost(MX1, { smtp }),
      minutesToOpen: 40,
    }),
  ),
  ...HANDSHAKES.map((smtp) =>
    drill({
      name: `mx-${smtp}`,
      title: `The handshake with the mail host fails (${smtp})`,
      finding: 'mx.tls.failed',
      subject: MX1,
      severity: 'critical',
      remedy: 'smtpd_tls_protocols = >=TLSv1.2',
      break: withHost(MX1, { smtp }),
      minutesToOpen: 40,
    }),
  ),
  drill({
    name: 'name-servers-silent',
    title: 'The name servers of the domain stop',
    finding: 'domain.undecided',
    remedy: `dig +trace ${DRILL_DOMAIN} MX`,
    break: (world) => ({
      ...world,
      dnsFaults: [{ at: `*.${DRILL_DOMAIN}`, type: 'any', resolver: 'all', fault: 'servfail' }],
    }),
    minutesToOpen: 85,
  }),
]

/** A second MX host, in the DNS only. */
function join(name: string, world: World): World {
  return editDomain(world, DRILL_DOMAIN, (domain) => ({
    ...domain,
    mx: [...domain.mx, { preference: 20, exchange: name }],
    hosts: [...domain.hosts, mailHost(name)],
  }))
}

function twoHosts(world: World): World {
  return withPolicy({ mx: [MX1, MX2] }, null)(join(MX2, world))
}

function withAddress(name: string, world: World): World {
  return { ...world, records: [{ name, ttlSeconds: 300, type: 'A', address: '10.0.0.7' }] }
}

function becomesAlias(world: World): World {
  const real = mailHost(`real.${DRILL_DOMAIN}`, { certificate: certificate({ dnsNames: [MX1] }) })
  const records = [{ name: MX1, ttlSeconds: 300, type: 'CNAME', target: real.name } as const]
  return withDomain({ hosts: [real] })({ ...world, records })
}
