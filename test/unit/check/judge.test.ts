import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import type { Observation } from '../../../src/model/observation.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import {
  absent,
  context,
  established,
  failed,
  fetchAt,
  healthy,
  MX1,
  mxHost,
  mxRecords,
  NOW,
  serving,
  sessionAt,
  tls,
  watched,
  withMx1,
} from './snapshot-builder.ts'

describe('judge', () => {
  it('finds nothing, and leaves nothing open, at a healthy domain', () => {
    expect(judge(healthy(), watched({ expect: 'enforce' }), context())).toEqual({
      findings: [],
      undecided: [],
      observedAt: NOW,
    })
  })

  it('leaves out what the domain ignores, found or undecided', () => {
    const ignore = new Set(['tlsrpt.record.missing', 'tlsrpt.record.invalid'] as const)
    const missing = judge(healthy({ tlsrptRecord: absent() }), watched({ ignore }), context())
    const unknown = judge(healthy({ tlsrptRecord: failed('dns-timeout') }), watched({ ignore }), context())
    expect(missing.findings).toEqual([])
    expect(unknown.undecided.map((one) => one.code)).not.toContain('tlsrpt.record.missing')
    expect(unknown.undecided.map((one) => one.code)).toContain('tlsrpt.record.multiple')
  })

  it('finds a domain without any mail policy worth two lines of information', () => {
    const plain = healthy({
      stsRecord: { ...absent(), security: 'secure' },
      tlsrptRecord: absent(),
      policyHost: { ...healthy().policyHost, addresses: absent(), fetches: [] },
    })
    const { findings, undecided } = judge(plain, watched(), context())
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'info mta-sts.record.missing',
      'info tlsrpt.record.missing',
    ])
    expect(undecided).toEqual([])
  })

  it('says nothing of a domain that takes no mail and has no policy', () => {
    const parked = healthy({
      stsRecord: absent(),
      tlsrptRecord: absent(),
      mx: mxRecords('.'),
      hosts: [],
      policyHost: { ...healthy().policyHost, addresses: absent(), fetches: [] },
    })
    expect(judge(parked, watched(), context())).toMatchObject({ findings: [], undecided: [] })
  })

  it('does not miss records before it knows that the domain takes mail', () => {
    const unknown = healthy({
      stsRecord: absent(),
      tlsrptRecord: absent(),
      mx: failed('dns-timeout'),
      hosts: [],
      policyHost: { ...healthy().policyHost, addresses: absent(), fetches: [] },
    })
    const { findings, undecided } = judge(unknown, watched(), context())
    expect(findings).toEqual([])
    expect(undecided.map((one) => one.code)).toEqual(
      expect.arrayContaining(['mta-sts.record.missing', 'tlsrpt.record.missing']),
    )
  })

  it('keeps what rests on the policy open while one address of the policy host is unknown', () => {
    const half = withFetch(healthy(), 0, 'response', failed())
    const open = judge(half, watched(), context()).undecided.map((one) => one.code)
    expect(open).toEqual(
      expect.arrayContaining([
        'mta-sts.policy.invalid',
        'mta-sts.policy.mode-weaker',
        'mta-sts.policy.mx-uncovered',
      ]),
    )
  })

  it('judges hosts by no policy that nobody can have found', () => {
    const ended = established(tls(MX1, { notAfterAt: NOW - 1 }))
    const host = mxHost(MX1, [], { sessions: [sessionAt('192.0.2.25', ended)] })
    const unfound = { ...withMx1(host), stsRecord: absent() }
    const { findings } = judge(unfound, watched(), context())
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'warning mta-sts.record.missing',
      'info mx.certificate.expired',
    ])
  })

  it('does not call name servers dead while its own resolvers are not proven to see', () => {
    const silent = failed('dns-timeout')
    const dead = healthy({
      stsRecord: silent,
      tlsrptRecord: silent,
      mx: silent,
      hosts: [],
      policyHost: { ...healthy().policyHost, addresses: silent, fetches: [] },
    })
    const vantage = { dns: 'unproven', dnssec: 'sees', https: 'sees', smtp: 'sees' } as const
    const { findings, undecided } = judge(dead, watched(), context({ vantage }))
    expect(findings).toEqual([])
    expect(undecided.map((one) => one.code)).toContain('domain.undecided')
  })
})

/** Every place of a snapshot where an observation stands, as a function that puts another one there. */
function places(snapshot: Snapshot): readonly (readonly [string, (put: Observation<never>) => Snapshot])[] {
  const { policyHost, ruaDomains, hosts } = snapshot
  return [
    ['stsRecord', (put) => ({ ...snapshot, stsRecord: put })],
    ['tlsrptRecord', (put) => ({ ...snapshot, tlsrptRecord: put })],
    // The probe has no hosts when it has no MX answer, and no fetches without addresses.
    ['mx', (put) => ({ ...snapshot, mx: put, hosts: [] })],
    [
      'policyHost.addresses',
      (put) => ({ ...snapshot, policyHost: { ...policyHost, addresses: put, fetches: [] } }),
    ],
    ...policyHost.fetches.flatMap((_, index) =>
      (['tls', 'response'] as const).map((part) => {
        const name = `policyHost.fetches[${index}].${part}`
        return [name, (put: Observation<never>) => withFetch(snapshot, index, part, put)] as const
      }),
    ),
    ...ruaDomains.map(
      (rua, index) =>
        [
          `ruaDomains[${index}].mx`,
          (put: Observation<never>) => ({
            ...snapshot,
            ruaDomains: ruaDomains.with(index, { ...rua, mx: put, addresses: put }),
          }),
        ] as const,
    ),
    ...hosts.flatMap((host, index) => [
      [
        `hosts[${index}].addresses`,
        (put: Observation<never>) => ({
          ...snapshot,
          hosts: hosts.with(index, { ...host, addresses: put, sessions: [] }),
        }),
      ] as const,
      ...host.sessions.map(
        (session, at) =>
          [
            `hosts[${index}].sessions[${at}]`,
            (put: Observation<never>) => ({
              ...snapshot,
              hosts: hosts.with(index, {
                ...host,
                sessions: host.sessions.with(at, { ...session, smtp: put }),
              }),
            }),
          ] as const,
      ),
    ]),
  ]
}

function withFetch(
  snapshot: Snapshot,
  index: number,
  part: 'tls' | 'response',
  put: Observation<never>,
): Snapshot {
  const { policyHost } = snapshot
  const fetch = policyHost.fetches[index] ?? fetchAt('192.0.2.80')
  const moot = { outcome: 'skipped', because: 'there was no handshake' } as const
  const edited = part === 'tls' ? { ...fetch, tls: put, response: moot } : { ...fetch, response: put }
  return { ...snapshot, policyHost: { ...policyHost, fetches: policyHost.fetches.with(index, edited) } }
}

describe('a failed observation', () => {
  const faults = ['deadline', 'internal', 'client-limit'] as const
  it.each(places(healthy()))('makes undecided, and finds nothing, at %s', (_, put) => {
    for (const kind of faults) {
      const { findings, undecided } = judge(put(failed(kind)), watched({ expect: 'enforce' }), context())
      expect(findings).toEqual([])
      expect(undecided.length).toBeGreaterThan(0)
    }
  })

  it.each(places(healthy()))(
    'of the path counts for nothing while this machine is not proven to see: %s',
    (_, put) => {
      const blind = context({
        vantage: { dns: 'blind', dnssec: 'unproven', https: 'unproven', smtp: 'blind' },
      })
      for (const kind of ['connect-timeout', 'connect-refused', 'tls-timeout', 'http-timeout'] as const) {
        const { findings, undecided } = judge(put(failed(kind)), watched(), blind)
        expect(findings).toEqual([])
        expect(undecided.length).toBeGreaterThan(0)
      }
    },
  )

  const broken: readonly (readonly [string, Snapshot])[] = [
    ['record missing', healthy({ stsRecord: absent() })],
    ['policy invalid and MX uncovered', serving('version: STSv1\nmode: enforce\n')],
    ['MX uncovered', serving('version: STSv1\nmode: enforce\nmx: other.example.net\nmax_age: 60\n')],
    ['MX alias', healthy({ hosts: [mxHost(MX1, ['192.0.2.25'], { addresses: absent(), sessions: [] })] })],
    ['no TLSRPT', healthy({ tlsrptRecord: absent() })],
    ['null MX with policies', healthy({ mx: mxRecords('.'), hosts: [] })],
  ]
  it.each(broken)('never clears what was found before: %s', (_, snapshot) => {
    const whole = judge(snapshot, watched({ expect: 'enforce' }), context())
    expect(whole.findings.length).toBeGreaterThan(0)
    for (const [place, put] of places(snapshot)) {
      const { findings, undecided } = judge(put(failed()), watched({ expect: 'enforce' }), context())
      for (const { code, subject } of whole.findings) {
        const isFound = findings.some((one) => one.code === code && one.subject === subject)
        const isOpen = undecided.some(
          (one) => one.code === code && (one.subject === 'any' || one.subject === subject),
        )
        expect([place, code, subject, isFound || isOpen]).toEqual([place, code, subject, true])
      }
    }
  })
})
