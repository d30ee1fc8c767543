import { type BrokenDomain, fetches, HELD, moot, UNSERVED, version } from './broken.ts'
import {
  failed,
  healthy,
  MX1,
  MX2,
  mxHost,
  mxRecords,
  policyBody,
  response,
  serving,
} from './snapshot-builder.ts'

/** Policies that cannot be fetched, read, or trusted to be the one that was meant. */
export const BROKEN_POLICIES: readonly BrokenDomain[] = [
  ...(
    [
      [response({ status: 301, location: 'https://www.example.com/' }), 'redirect'],
      [response({ status: 404 }), 'status'],
      [failed('http-timeout'), 'timeout'],
      [failed('http-too-large'), 'too-large'],
      [response({ contentType: 'text/html', body: '<!doctype html>' }), 'media-type'],
    ] as const
  ).flatMap(([answered, name]) => [
    {
      name: `policy unfetchable (${name}) while enforce is held`,
      snapshot: fetches({ response: answered }),
      context: HELD,
      findings: ['critical mta-sts.policy.unfetchable'],
    },
    {
      name: `policy unfetchable (${name}), nothing known`,
      snapshot: fetches({ response: answered }),
      findings: ['warning mta-sts.policy.unfetchable'],
    },
  ]),
  {
    name: 'one of two addresses of the policy host refuses',
    snapshot: fetches({}, { tls: failed('connect-refused'), response: moot }),
    findings: ['warning mta-sts.policy.unfetchable'],
  },
  {
    name: 'policy host without address',
    snapshot: healthy({ policyHost: UNSERVED }),
    domain: { expect: 'enforce' },
    findings: ['critical mta-sts.policy.unfetchable'],
  },
  {
    name: 'valid policy served as HTML',
    snapshot: fetches({ response: response({ contentType: 'text/html' }) }),
    findings: ['warning mta-sts.policy.unfetchable'],
  },
  {
    name: 'policy without max_age',
    snapshot: serving('version: STSv1\nmode: enforce\nmx: a.example.com\n'),
    context: HELD,
    findings: ['critical mta-sts.policy.invalid'],
  },
  {
    name: 'policy with a misspelt key',
    snapshot: serving(policyBody({ tail: 'nmx: mx3.example.com\r\n' })),
    findings: ['warning mta-sts.policy.questionable'],
  },
  {
    name: 'one address serves an older policy',
    snapshot: fetches({}, { response: response({ body: policyBody({ mode: 'testing' }) }) }),
    findings: ['warning mta-sts.policy.differs-by-address'],
  },
  {
    name: 'max_age of an hour',
    snapshot: serving(policyBody({ maxAge: 3600 })),
    findings: ['warning mta-sts.policy.max-age-short'],
  },
  {
    name: 'max_age of two days',
    snapshot: serving(policyBody({ maxAge: 172_800 })),
    findings: ['info mta-sts.policy.max-age-short'],
  },
  {
    name: 'max_age of two days on the way out',
    snapshot: serving(policyBody({ mode: 'none', maxAge: 172_800 })),
    findings: [],
  },
  {
    name: 'max_age of two years',
    snapshot: serving(policyBody({ maxAge: 63_072_000 })),
    findings: ['warning mta-sts.policy.max-age-long'],
  },
  {
    name: 'testing although enforce is expected',
    snapshot: serving(policyBody({ mode: 'testing' })),
    domain: { expect: 'enforce' },
    findings: ['warning mta-sts.policy.mode-weaker'],
  },
  {
    name: 'MX uncovered (enforce)',
    snapshot: serving(policyBody({ mx: [MX1] })),
    findings: [`critical mta-sts.policy.mx-uncovered ${MX2}`],
  },
  {
    name: 'MX uncovered (testing)',
    snapshot: serving(policyBody({ mode: 'testing', mx: [MX1] })),
    findings: [`warning mta-sts.policy.mx-uncovered ${MX2}`],
  },
  {
    name: 'wildcard over two labels',
    snapshot: serving(policyBody({ mx: ['*.example.com'] }), {
      mx: mxRecords('a.b.example.com'),
      hosts: [mxHost('a.b.example.com', ['192.0.2.9'])],
    }),
    findings: [
      'critical mta-sts.policy.mx-uncovered a.b.example.com',
      'info mta-sts.policy.pattern-unused *.example.com',
    ],
  },
  {
    name: 'pattern without host',
    snapshot: serving(policyBody({ mx: [MX1, MX2, 'old.example.com'] })),
    findings: ['info mta-sts.policy.pattern-unused old.example.com'],
  },
  {
    name: 'text changed under the same id',
    snapshot: healthy(),
    context: { versions: [version(policyBody({ mx: [MX1, MX2, 'mx3.example.com'] }))] },
    findings: ['warning mta-sts.policy.changed-without-id'],
  },
  {
    name: 'text changed under the same id, and the old one refuses a host',
    snapshot: healthy(),
    context: { versions: [version(policyBody({ mx: [MX1] }))] },
    findings: ['critical mta-sts.policy.changed-without-id'],
  },
  {
    name: 'id changed, text did not',
    snapshot: healthy(),
    context: { versions: [version(policyBody(), { recordId: 'older' })] },
    findings: ['info mta-sts.policy.id-changed-without-text'],
  },
  {
    name: 'mode weakened',
    snapshot: serving(policyBody({ mode: 'testing' })),
    context: { versions: [version(policyBody(), { recordId: 'older' })] },
    findings: ['warning mta-sts.policy.weakened mode'],
  },
  {
    name: 'max_age cut and a wildcard added',
    snapshot: serving(policyBody({ mx: ['*.example.com'] })),
    context: { versions: [version(policyBody({ maxAge: 31_557_600 }), { recordId: 'older' })] },
    findings: ['warning mta-sts.policy.weakened max-age', 'warning mta-sts.policy.weakened mx-patterns'],
  },
]
