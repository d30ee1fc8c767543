import { DAY_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { FaultKind } from '../../../src/model/fault.ts'
import type { MxHost, Snapshot, StartTls } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { type BrokenDomain, fetches, moot } from './broken.ts'
import {
  absent,
  answer,
  EXAMPLE,
  established,
  failed,
  fault,
  healthy,
  ip,
  MX1,
  MX2,
  mxHost,
  mxRecords,
  NO_SECOND_SESSION,
  NOW,
  POLICY_HOST,
  sessionAt,
  tls,
  withMx1,
} from './snapshot-builder.ts'

/** The first MX host does the same at both its addresses. */
export function both(startTls: StartTls): Snapshot {
  return withMx1(
    mxHost(MX1, [], { sessions: ['192.0.2.25', '192.0.2.26'].map((one) => sessionAt(one, startTls)) }),
  )
}

/** The first MX host does this at one of its two addresses. */
export function oneOfTwo(startTls: StartTls): Snapshot {
  const sessions = [sessionAt('192.0.2.25', startTls), sessionAt('192.0.2.26', established(tls(MX1)))]
  return withMx1(mxHost(MX1, [], { sessions }))
}

function unanswered(kind: FaultKind, host: string): MxHost {
  return mxHost(host, [], {
    sessions: [{ address: ip('192.0.2.25'), smtp: failed(kind), dane: NO_SECOND_SESSION }],
  })
}

const STARTTLS = [
  ['missing', { outcome: 'not-offered' }],
  ['refused', { outcome: 'refused', reply: '454 4.7.0 TLS not available' }],
  ['injection', { outcome: 'injected', bytes: 12 }],
] as const

/** MX records, addresses, sessions and STARTTLS. */
export const BROKEN_HOSTS: readonly BrokenDomain[] = [
  {
    name: 'no MX, but an address',
    snapshot: healthy({
      mx: absent('nodata'),
      hosts: [mxHost(MX1, ['192.0.2.25'], { source: 'implicit' }), mxHost(MX2, ['192.0.2.26'])],
    }),
    findings: ['info mx.record.missing'],
  },
  {
    name: 'neither MX nor address',
    snapshot: healthy({ mx: absent(), hosts: [] }),
    findings: ['critical mx.record.missing'],
  },
  {
    name: 'neither MX nor address, and reports are wanted by the domain itself',
    snapshot: healthy({
      mx: absent(),
      hosts: [mxHost(EXAMPLE, [], { source: 'implicit', addresses: absent() })],
      tlsrptRecord: answer([`v=TLSRPTv1; rua=mailto:tls@${EXAMPLE}`]),
      ruaDomains: [{ name: EXAMPLE, mx: absent(), addresses: absent() }],
    }),
    findings: ['critical mx.record.missing'],
  },
  {
    name: 'MX without address that the policy does not know',
    snapshot: healthy({
      hosts: [
        mxHost(MX1, ['192.0.2.25']),
        mxHost(MX2, ['192.0.2.26']),
        mxHost('mx3.example.com', [], { addresses: absent() }),
      ],
    }),
    findings: ['warning mx.target.unresolvable mx3.example.com'],
  },
  {
    name: 'null MX with policies',
    snapshot: healthy({ mx: mxRecords('.'), hosts: [] }),
    findings: ['warning mx.record.null-with-policy'],
  },
  {
    name: 'null MX beside others',
    snapshot: healthy({ mx: mxRecords('.', MX1, MX2) }),
    findings: ['warning mx.record.null-not-alone'],
  },
  {
    name: 'MX is an alias',
    snapshot: withMx1(
      mxHost(MX1, ['192.0.2.25'], {
        addresses: answer([ip('192.0.2.25')], ['real.example.net' as DomainName]),
      }),
    ),
    findings: [`info mx.target.alias ${MX1}`],
  },
  {
    name: 'MX is an address',
    snapshot: healthy({
      hosts: [
        mxHost(MX1, ['192.0.2.25']),
        mxHost(MX2, ['192.0.2.26']),
        mxHost('192.0.2.7', [], { target: 'address-literal' }),
      ],
    }),
    findings: ['warning mx.target.address-literal 192.0.2.7'],
  },
  {
    name: 'MX is no name',
    snapshot: healthy({
      hosts: [
        mxHost(MX1, ['192.0.2.25']),
        mxHost(MX2, ['192.0.2.26']),
        mxHost('mx one', [], { target: 'malformed' }),
      ],
    }),
    findings: ['warning mx.target.malformed mx one'],
  },
  {
    name: 'MX without address',
    snapshot: withMx1(mxHost(MX1, [], { addresses: absent() })),
    findings: [`warning mx.target.unresolvable ${MX1}`],
  },
  {
    name: 'MX with a private address',
    snapshot: withMx1(unanswered('address-denied', MX1)),
    findings: [`warning mx.address.private ${MX1}`],
  },
  {
    name: 'policy host with a private address',
    snapshot: fetches({}, { tls: failed('address-denied'), response: moot }),
    findings: ['warning policy-host.address.private mta-sts.example.com'],
  },
  {
    name: 'MX refuses connections',
    snapshot: withMx1(unanswered('connect-refused', MX1)),
    findings: [`warning mx.host.unreachable ${MX1}`],
  },
  {
    name: 'every MX refuses connections',
    snapshot: healthy({ hosts: [unanswered('connect-refused', MX1), unanswered('connect-timeout', MX2)] }),
    findings: [`critical mx.host.unreachable ${MX1}`, `critical mx.host.unreachable ${MX2}`],
  },
  ...(['greeting-4xx', 'greeting-5xx', 'greeting-timeout', 'smtp-closed'] as const).map((kind) => ({
    name: `MX turns this monitor away (${kind})`,
    snapshot: withMx1(unanswered(kind, MX1)),
    findings: [`info mx.host.refuses-monitor ${MX1}`],
  })),
  ...STARTTLS.flatMap(([trouble, startTls]) => [
    {
      name: `STARTTLS ${trouble}`,
      snapshot: both(startTls),
      findings: [`critical mx.starttls.${trouble} ${MX1}`],
    },
    {
      name: `STARTTLS ${trouble} at one of two addresses`,
      snapshot: oneOfTwo(startTls),
      findings: [`warning mx.starttls.${trouble} ${MX1}`],
    },
  ]),
  {
    name: 'handshake fails',
    snapshot: both({ outcome: 'handshake-failed', fault: fault('tls-alert') }),
    findings: [`critical mx.tls.failed ${MX1}`],
  },
  {
    name: 'DNSSEC bogus',
    snapshot: healthy({ mx: failed('dns-bogus'), hosts: [] }),
    findings: ['critical dnssec.zone.bogus example.com'],
  },
  {
    name: 'signatures that end within the hour',
    snapshot: healthy({ tlsrptRecord: endingSignatures() }),
    findings: ['critical dnssec.signature.expiring example.com'],
  },
  {
    name: 'no name server answers',
    snapshot: healthy({
      stsRecord: failed('dns-timeout'),
      tlsrptRecord: failed('dns-servfail'),
      mx: failed('dns-timeout'),
      hosts: [],
      ruaDomains: [],
      policyHost: { name: POLICY_HOST, addresses: failed('dns-timeout'), fetches: [] },
    }),
    findings: ['warning domain.undecided'],
  },
]

function endingSignatures(): Snapshot['tlsrptRecord'] {
  const { tlsrptRecord } = healthy()
  if (tlsrptRecord.outcome !== 'seen') throw new Error('a healthy domain has a record')
  const signatures = { zone: 'example.com', beganAt: NOW - 14 * DAY_MS, endAt: NOW + 30 * MINUTE_MS }
  return { ...tlsrptRecord, value: { ...tlsrptRecord.value, security: 'secure', signatures } }
}
