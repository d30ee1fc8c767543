import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, SECOND_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { Change } from '../../../src/model/change.ts'
import type { PlanStep } from '../../../src/model/plan.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { makePlan, type PlanGoal } from '../../../src/plan/make-plan.ts'
import type { PlanWorld } from '../../../src/plan/plan-world.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { version } from '../check/broken.ts'
import {
  absent,
  answer,
  EXAMPLE,
  established,
  failed,
  healthy,
  MX1,
  MX2,
  mxHost,
  mxRecords,
  NOW,
  policyBody,
  serving,
  sessionAt,
  tls,
} from '../check/snapshot-builder.ts'
import { planWorld } from './plan-world-builder.ts'

const MAX_AGE_MS = 1_209_600 * SECOND_MS
const LONG = { knownSince: NOW - 400 * DAY_MS }
const MX9 = 'mx9.example.com' as DomainName
const NEW_MX: PlanGoal = { kind: 'change-mx', hosts: [MX9] }
const hosts = [mxHost(MX9, ['192.0.2.9'])]
const unreached = [
  mxHost(MX9, ['192.0.2.9'], { sessions: [sessionAt('192.0.2.9', established(tls('other.example')))] }),
]

/** "id state", and for what waits the time from now. */
function states(world: PlanWorld, goal: PlanGoal): readonly string[] {
  return makePlan(world, goal).steps.map((step) => `${step.id} ${stateText(step, world.now)}`)
}

function stateText({ state, earliestAt }: PlanStep, now: UnixMs): string {
  if (state.name === 'blocked')
    return `blocked by ${state.by.map(({ code, detail }) => code ?? detail).join(', ')}`
  if (state.name === 'waiting' || state.name === 'later')
    return `${state.name} ${((earliestAt ?? now) - now) / HOUR_MS} h`
  return state.name
}

function mxChange(at: UnixMs, removed: readonly string[]): Change {
  return {
    domain: EXAMPLE,
    at,
    part: 'mx',
    subject: null,
    summary: '',
    removed,
    added: [],
    notable: true,
    settles: null,
  }
}

const nothing = healthy({
  stsRecord: absent(),
  tlsrptRecord: absent(),
  policyHost: { ...healthy().policyHost, addresses: absent(), fetches: [] },
})
const swapped = (mx: readonly string[]) => ({ ...serving(policyBody({ mx })), mx: mxRecords(MX9), hosts })
const testing = serving(policyBody({ mode: 'testing' }))
const none = serving(policyBody({ mode: 'none', maxAge: 86_400 }))
const heldOld = [version(policyBody(), { recordId: 'old', lastSeenAt: NOW - HOUR_MS })]

describe.each<
  [
    string,
    PlanGoal,
    readonly (readonly [string, Snapshot, Parameters<typeof planWorld>[1], readonly string[]])[],
  ]
>([
  [
    'publish',
    { kind: 'publish' },
    [
      [
        'of nothing begins with reports',
        nothing,
        {},
        ['reports next', 'mail-hosts done', 'policy-host later 0 h', 'policy later 0 h', 'record later 0 h'],
      ],
      [
        'whose policy host could not be seen',
        {
          ...nothing,
          tlsrptRecord: healthy().tlsrptRecord,
          policyHost: { ...nothing.policyHost, addresses: failed('dns-servfail') },
        },
        {},
        ['reports done', 'mail-hosts done', 'policy-host undecided', 'policy later 0 h', 'record later 0 h'],
      ],
      [
        'with mode none served',
        { ...none, stsRecord: absent() },
        {},
        ['reports done', 'mail-hosts done', 'policy-host done', 'policy next', 'record later 0 h'],
      ],
    ],
  ],
  [
    'enforce',
    { kind: 'enforce' },
    [
      [
        'without any reports kept',
        testing,
        LONG,
        ['ready undecided', 'policy later 0 h', 'record later 0 h', 'max-age-2592000 later 168 h'],
      ],
      [
        'done, with two weeks of max_age',
        healthy(),
        { ...LONG, versions: [version(policyBody(), { firstSeenAt: NOW - 7 * DAY_MS })] },
        ['ready done', 'policy done', 'record done', 'max-age-604800 done', 'max-age-2592000 waiting 168 h'],
      ],
      [
        'done, and tried for long enough',
        healthy(),
        { ...LONG, versions: [version(policyBody(), { firstSeenAt: NOW - 14 * DAY_MS })] },
        ['ready done', 'policy done', 'record done', 'max-age-604800 done', 'max-age-2592000 next'],
      ],
    ],
  ],
  [
    'change-mx',
    NEW_MX,
    [
      [
        'begins with the policy',
        healthy(),
        { ...LONG, hosts },
        [
          'new-hosts done',
          'cover next',
          'cover-id later 0 h',
          'mx later 336 h',
          `narrow later ${336 + 120 + 1 / 12} h`,
          `narrow-id later ${336 + 120 + 1 / 12} h`,
          `old-hosts later ${336 + 120 + 1 / 12} h`,
        ],
      ],
      [
        'is blocked by a new host that cannot be verified',
        healthy(),
        { ...LONG, hosts: unreached },
        [
          'new-hosts blocked by mx.certificate.name-mismatch',
          'cover later 0 h',
          'cover-id later 0 h',
          'mx later 336 h',
          `narrow later ${336 + 120 + 1 / 12} h`,
          `narrow-id later ${336 + 120 + 1 / 12} h`,
          `old-hosts later ${336 + 120 + 1 / 12} h`,
        ],
      ],
      [
        'waits for the copies without the new host',
        serving(policyBody({ mx: [MX1, MX2, MX9] })),
        { ...LONG, hosts, versions: heldOld },
        [
          'new-hosts done',
          'cover done',
          'cover-id done',
          'mx waiting 336 h',
          `narrow later ${336 + 120 + 1 / 12} h`,
          `narrow-id later ${336 + 120 + 1 / 12} h`,
          `old-hosts later ${336 + 120 + 1 / 12} h`,
        ],
      ],
      [
        'waits for no copies in mode testing',
        serving(policyBody({ mode: 'testing', mx: [MX1, MX2, MX9] })),
        { ...LONG, hosts, versions: [version(policyBody({ mode: 'testing' }), { recordId: 'old' })] },
        [
          'new-hosts done',
          'cover done',
          'cover-id done',
          'mx next',
          `narrow later ${120 + 1 / 12} h`,
          `narrow-id later ${120 + 1 / 12} h`,
          `old-hosts later ${120 + 1 / 12} h`,
        ],
      ],
      [
        'assumes the worst of a domain that nobody watched',
        serving(policyBody({ mx: [MX1, MX2, MX9] })),
        { hosts },
        [
          'new-hosts done',
          'cover done',
          'cover-id done',
          'mx waiting 336 h',
          `narrow later ${336 + 120 + 1 / 12} h`,
          `narrow-id later ${336 + 120 + 1 / 12} h`,
          `old-hosts later ${336 + 120 + 1 / 12} h`,
        ],
      ],
      [
        'keeps the old lines while queues last',
        swapped([MX1, MX2, MX9]),
        { ...LONG, changes: [mxChange(NOW - 24 * HOUR_MS, [`10 ${MX1}.`])] },
        [
          'new-hosts done',
          'cover done',
          'cover-id done',
          'mx done',
          `narrow waiting ${96 + 1 / 12} h`,
          `narrow-id later ${96 + 1 / 12} h`,
          `old-hosts later ${96 + 1 / 12} h`,
        ],
      ],
      [
        'is done with the new host alone',
        swapped([MX9]),
        { ...LONG, changes: [mxChange(NOW - 10 * DAY_MS, [`10 ${MX1}.`])] },
        [
          'new-hosts done',
          'cover done',
          'cover-id done',
          'mx done',
          'narrow done',
          'narrow-id done',
          'old-hosts done',
        ],
      ],
      [
        'without MTA-STS is about the MX record',
        { ...nothing, tlsrptRecord: healthy().tlsrptRecord },
        { ...LONG, hosts },
        ['new-hosts done', 'mx next', `old-hosts later ${120 + 1 / 12} h`],
      ],
    ],
  ],
  [
    'retire',
    { kind: 'retire' },
    [
      [
        'begins with mode none',
        healthy(),
        LONG,
        [
          'policy next',
          'record later 0 h',
          'remove-record later 336 h',
          `remove-file later ${336 + 1 / 12} h`,
        ],
      ],
      [
        'waits for the longest copy',
        none,
        {
          ...LONG,
          versions: [
            ...heldOld,
            version(policyBody({ maxAge: 2_592_000 }), { recordId: 'older', lastSeenAt: NOW - DAY_MS }),
          ],
        },
        ['policy done', 'record done', 'remove-record waiting 720 h', `remove-file later ${720 + 1 / 12} h`],
      ],
      [
        'goes on when every copy has ended',
        none,
        {
          ...LONG,
          versions: [
            {
              ...version(policyBody(), { recordId: 'old' }),
              lastSeenAt: NOW - MAX_AGE_MS - DAY_MS,
              horizonAt: NOW - DAY_MS,
            },
            version(policyBody({ mode: 'none', maxAge: 86_400 }), {
              firstSeenAt: NOW - MAX_AGE_MS - DAY_MS + 1,
            }),
          ],
        },
        ['policy done', 'record done', 'remove-record next', `remove-file later ${1 / 12} h`],
      ],
    ],
  ],
])('plan %s', (_, goal, worlds) => {
  it.each(worlds)('%s', (_name, snapshot, parts, expected) => {
    expect(states(planWorld(snapshot, parts), goal)).toEqual(expected)
  })
})

describe('what it says of what it does not know', () => {
  it.each<[string, Parameters<typeof planWorld>[1], number]>([
    [
      'assumes copies from before the first look until their max_age has passed',
      { knownSince: NOW - MAX_AGE_MS + 1 },
      1,
    ],
    ['assumes nothing after that', { knownSince: NOW - MAX_AGE_MS }, 0],
  ])('%s', (_, parts, sentences) => {
    expect(makePlan(planWorld(healthy(), parts), { kind: 'retire' }).unknowns).toHaveLength(sentences)
  })

  it('blames nobody for what is only assumed', () => {
    const { tooEarly } = makePlan(planWorld(swapped([MX1, MX2, MX9])), NEW_MX)
    expect(tooEarly).toEqual([])
  })
})

it('a host name that no policy can hold is said, not thrown', () => {
  const odd = {
    ...nothing,
    mx: mxRecords('mail_1.example.com'),
    hosts: [mxHost('mail_1.example.com', ['192.0.2.1'])],
  }
  const { steps } = makePlan(planWorld(odd, LONG), { kind: 'publish' })
  expect(steps.find(({ id }) => id === 'policy')?.lines[0]?.text).toMatch(
    /^The file cannot be written out here: not a legal policy: /,
  )
})

it.each([
  ['is not there', absent()],
  ['could not be seen', failed()],
])('an MX record that %s makes no policy without hosts', (_, mx) => {
  const { steps } = makePlan(planWorld({ ...nothing, mx, hosts: [] }, LONG), { kind: 'publish' })
  const policy = steps.find(({ id }) => id === 'policy')
  expect(policy?.state.name).toBe('later')
  expect(policy?.lines.map((line) => line.text)).toEqual([
    'The file has a line for every MX host; it is written out here once they can be seen.',
  ])
})

it('names the exact TLSA record of a new host, where the old ones have records', () => {
  const tlsa = {
    ...answer(['3 1 1 ab']),
    value: { ...answer(['3 1 1 ab']).value, security: 'secure' as const },
  }
  const signed = healthy({ hosts: [mxHost(MX1, ['192.0.2.1'], { tlsa })] })
  const { steps } = makePlan(planWorld(signed, { ...LONG, hosts }), NEW_MX)
  expect(steps.find(({ id }) => id === 'tlsa')?.lines).toEqual([
    { kind: 'code', text: '_25._tcp.mx9.example.com. IN TLSA 3 1 1 spki of mx9.example.com' },
  ])
})
