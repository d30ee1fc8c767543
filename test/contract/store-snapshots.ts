import { expect, test } from 'vitest'
import { HOUR_MS } from '../../src/lib/time.ts'
import type { Change } from '../../src/model/change.ts'
import type { HostFace } from '../../src/model/host-face.ts'
import type { MxHost, Snapshot } from '../../src/model/snapshot.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { IpAddress } from '../../src/protocol/ip-address.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenEmptyStore } from './store.ts'
import {
  absent,
  answer,
  at,
  commit,
  DOMAIN,
  failed,
  mxHost,
  policyFetch,
  policyVersion,
  seen,
  session,
  snapshot,
  T0,
  tls,
  zoneLook,
} from './store-samples.ts'

async function look(store: Store, ...snapshots: readonly Snapshot[]): Promise<void> {
  for (const taken of snapshots) await store.commitCheck(commit(taken))
}

function faces(when: number): readonly HostFace[] {
  const address = '192.0.2.25' as IpAddress
  const shown = { outcome: 'shown', tls: tls('02') } as const
  return [
    { address, port: 25, keys: 'rsa', look: seen(shown, when) },
    { address, port: 465, keys: 'any', look: seen({ outcome: 'closed' } as const, when) },
    { address, port: 993, keys: 'any', look: failed(when) },
  ]
}

/** A snapshot in which every kind of observation is of every outcome somewhere. */
function motley(when: number): Snapshot {
  const base = snapshot(when)
  const fetch = policyFetch('192.0.2.81', when)
  const alone = { outcome: 'skipped', because: 'not asked' } as const
  const hosts: MxHost[] = [
    { ...mxHost('mx1.example.com', when, ['192.0.2.25', '2001:db8::25']), faces: faces(when) },
    { ...mxHost('mx2.example.com', when), addresses: absent(when), sessions: [] },
    { ...mxHost('192.0.2.9', when), target: 'address-literal', addresses: alone, tlsa: alone, sessions: [] },
  ]
  return {
    ...base,
    stsRecord: absent(when),
    policyHost: {
      ...base.policyHost,
      fetches: [
        { ...fetch, response: alone },
        { ...fetch, tls: failed(when), response: alone },
      ].slice(0, 1),
    },
    tlsrptRecord: failed(when),
    ruaDomains: [],
    hosts,
  }
}

const withoutMx = (when: number) => snapshot(when, { mx: failed(when), hosts: [] })
const withSecondHost = (when: number) =>
  snapshot(when, {
    mx: answer([{ preference: 10, exchange: 'mx2.example.com' }], when),
    hosts: [mxHost('mx2.example.com', when, ['192.0.2.26'])],
  })

export function snapshotContract(open: OpenEmptyStore): void {
  test('knows nothing of a domain that was never looked at', async () => {
    await using store = await open()
    expect(await store.snapshots.latest(DOMAIN)).toBeNull()
    expect(await store.snapshots.latestAnswered(DOMAIN)).toBeNull()
    expect(await store.snapshots.at(DOMAIN, T0)).toBeNull()
    expect(await store.snapshots.lookSummary(DOMAIN)).toBeNull()
  })

  test.each([
    ['healthy', snapshot(T0)],
    ['motley', motley(T0)],
    ['without MX', withoutMx(T0)],
    ['watched at every name server', snapshot(T0, { zones: [zoneLook(T0)] })],
  ])('gives a %s snapshot back as it went in', async (_name, taken) => {
    await using store = await open()
    await look(store, taken)
    expect(await store.snapshots.latest(DOMAIN)).toEqual(taken)
  })

  test('an unchanged look moves every instant and keeps what differs at every look as first seen', async () => {
    await using store = await open()
    await look(store, snapshot(at(0)), snapshot(at(10)))
    const latest = await store.snapshots.latest(DOMAIN)
    expect(latest).toMatchObject({ id: snapshot(at(10)).id, takenAt: at(10), stsRecord: { at: at(10) } })
    expect(latest?.hosts[0]?.sessions[0]?.smtp).toEqual({ ...session('192.0.2.25', at(0)).smtp, at: at(10) })
    expect(await store.snapshots.lookSummary(DOMAIN)).toEqual({ looks: 2, firstAt: at(0), lastAt: at(10) })
  })

  test('the answers of name servers stay reachable behind looks that did not ask them, each with its own instant', async () => {
    await using store = await open()
    const unasked = snapshot(at(10))
    await look(store, snapshot(at(0), { zones: [zoneLook(at(0))] }), unasked)
    expect((await store.snapshots.latest(DOMAIN))?.zones).toEqual([])
    expect((await store.snapshots.latestAnswered(DOMAIN))?.zones).toEqual([zoneLook(at(0))])
  })

  test('a zone keeps what it was first seen with until something but its serial changes', async () => {
    await using store = await open()
    const first = zoneLook(at(0), { ns1: 7, ns2: 7 })
    await look(
      store,
      snapshot(at(0), { zones: [first] }),
      snapshot(at(60), { zones: [zoneLook(at(60), { ns1: 8, ns2: 8 })] }),
    )
    expect((await store.snapshots.latest(DOMAIN))?.zones).toEqual([first])
    const lagging = zoneLook(at(120), { ns1: 9, ns2: 8 })
    await look(store, snapshot(at(120), { zones: [lagging] }))
    expect((await store.snapshots.latest(DOMAIN))?.zones).toEqual([lagging])
  })

  test('gives the state as known at an instant, also between and after looks', async () => {
    await using store = await open()
    await look(store, snapshot(at(0)), snapshot(at(10)), withSecondHost(at(20)), snapshot(at(30)))
    const hostAt = async (minutes: number) =>
      (await store.snapshots.at(DOMAIN, at(minutes)))?.hosts.map((host) => host.name)
    expect(await store.snapshots.at(DOMAIN, at(0) - 1)).toBeNull()
    expect(await hostAt(0)).toEqual(['mx1.example.com'])
    expect(await hostAt(19)).toEqual(['mx1.example.com'])
    expect(await hostAt(20)).toEqual(['mx2.example.com'])
    expect(await hostAt(29)).toEqual(['mx2.example.com'])
    expect(await hostAt(99)).toEqual(['mx1.example.com'])
    expect(await store.snapshots.at(DOMAIN, at(15))).toMatchObject({ mx: { at: at(10) } })
  })

  test('what was answered last stays reachable behind failures, with all that hangs on it', async () => {
    await using store = await open()
    await look(store, snapshot(at(0)), snapshot(at(10)), withoutMx(at(20)), withoutMx(at(30)))
    expect((await store.snapshots.latest(DOMAIN))?.mx).toMatchObject({ outcome: 'failed', at: at(30) })
    const answered = await store.snapshots.latestAnswered(DOMAIN)
    expect(answered).toMatchObject({ takenAt: at(30), mx: { outcome: 'seen', at: at(10) } })
    expect(answered?.stsRecord).toMatchObject({ at: at(30) })
    expect(answered?.hosts.map((host) => host.sessions[0]?.smtp.outcome)).toEqual(['seen'])
  })

  test('an authoritative no is an answer; a failure where nothing answered yet is given as it is', async () => {
    await using store = await open()
    await look(store, snapshot(at(0), { stsRecord: failed(at(0)) }))
    expect((await store.snapshots.latestAnswered(DOMAIN))?.stsRecord.outcome).toBe('failed')
    await look(
      store,
      snapshot(at(10), { stsRecord: absent(at(10)) }),
      snapshot(at(20), { stsRecord: failed(at(20)) }),
    )
    expect((await store.snapshots.latestAnswered(DOMAIN))?.stsRecord).toEqual(absent(at(10)))
  })

  test('a handshake that broke on the way is no answer, one that the far side broke is', async () => {
    await using store = await open()
    const broken = (when: number, blame: 'path' | 'remote') => {
      const host = mxHost('mx1.example.com', when)
      const startTls = {
        outcome: 'handshake-failed',
        fault: { kind: 'tls-closed', blame, detail: 'closed' },
      } as const
      const sessions = host.sessions.map(({ address, smtp, dane }) => ({
        address,
        dane,
        smtp: smtp.outcome === 'seen' ? { ...smtp, value: { ...smtp.value, startTls } } : smtp,
      }))
      return snapshot(when, { hosts: [{ ...host, sessions }] })
    }
    const answeredTls = async () => {
      const smtp = (await store.snapshots.latestAnswered(DOMAIN))?.hosts[0]?.sessions[0]?.smtp
      return smtp?.outcome === 'seen' ? smtp.value.startTls.outcome : smtp?.outcome
    }
    await look(store, snapshot(at(0)), broken(at(10), 'path'))
    expect(await answeredTls()).toBe('established')
    await look(store, broken(at(20), 'remote'))
    expect(await answeredTls()).toBe('handshake-failed')
  })

  test('domains are told apart although their contents are shared', async () => {
    await using store = await open()
    const other = 'example.org' as DomainName
    await look(store, snapshot(at(0)), snapshot(at(5), { domain: other }), withSecondHost(at(10)))
    expect((await store.snapshots.latest(other))?.hosts[0]?.name).toBe('mx1.example.com')
    expect((await store.snapshots.latest(DOMAIN))?.hosts[0]?.name).toBe('mx2.example.com')
  })

  test('a certificate that changes and comes back gives the right chain each time', async () => {
    await using store = await open()
    const withSerial = (when: number, serial: string) => {
      const host = mxHost('mx1.example.com', when)
      return snapshot(when, {
        hosts: [{ ...host, sessions: [session('192.0.2.25', when, tls(serial))] }],
      })
    }
    await look(store, withSerial(at(0), 'a'), withSerial(at(10), 'b'), withSerial(at(20), 'a'))
    const serials = await Promise.all(
      [0, 10, 20].map(async (minutes) => JSON.stringify(await store.snapshots.at(DOMAIN, at(minutes)))),
    )
    expect(
      serials.map(
        (text) =>
          /"subject":"CN=mx1.example.com".*?"serialNumber":"(\w)"/.exec(
            text.slice(text.indexOf('hosts')),
          )?.[1],
      ),
    ).toEqual(['a', 'b', 'a'])
  })

  test('the ledger has one line for each id and text, extended while it is served, newest first', async () => {
    await using store = await open()
    const served = [
      policyVersion('1', at(0)),
      policyVersion('1', at(10)),
      policyVersion('1', at(20), 'mode: testing'),
      policyVersion(null, at(30), 'mode: testing'),
      policyVersion(null, at(40), 'mode: testing'),
      policyVersion('1', at(50)),
    ]
    for (const version of served) {
      await store.commitCheck(commit(snapshot(version.lastSeenAt), { policyVersion: version }))
    }
    const ledger = await store.snapshots.policyVersions(DOMAIN)
    expect(ledger).toEqual([
      { ...policyVersion('1', at(50)), firstSeenAt: at(0) },
      { ...policyVersion(null, at(40), 'mode: testing'), firstSeenAt: at(30) },
      policyVersion('1', at(20), 'mode: testing'),
    ])
  })

  test('changes come back oldest first, from an instant on, at most so many', async () => {
    await using store = await open()
    const change = (minutes: number): Change => ({
      domain: DOMAIN,
      at: at(minutes),
      part: 'mx',
      subject: null,
      summary: `change ${minutes}`,
      removed: [],
      added: ['10 mx2.example.com'],
      notable: true,
      settles: null,
    })
    await store.commitCheck(commit(snapshot(at(3)), { changes: [change(1), change(2), change(3)] }))
    expect(await store.snapshots.changes(DOMAIN, at(2), 10)).toEqual([change(2), change(3)])
    expect(await store.snapshots.changes(DOMAIN, at(0), 2)).toEqual([change(1), change(2)])
  })

  test('every address that a host had is remembered with its first and last sight', async () => {
    await using store = await open()
    const withAddress = (when: number, address: string) =>
      snapshot(when, { hosts: [mxHost('mx1.example.com', when, [address])] })
    await look(store, withAddress(T0, '192.0.2.1'), withAddress(T0 + 2 * HOUR_MS, '192.0.2.1'))
    await look(store, withAddress(T0 + 3 * HOUR_MS, '192.0.2.2'))
    expect(await store.snapshots.hostAddresses('mx1.example.com')).toEqual([
      { address: '192.0.2.2', firstSeenAt: T0 + 3 * HOUR_MS, lastSeenAt: T0 + 3 * HOUR_MS },
      { address: '192.0.2.1', firstSeenAt: T0, lastSeenAt: T0 + 2 * HOUR_MS },
    ])
  })

  test('what looks saw of a host is told from the first look with it, answers only', async () => {
    await using store = await open()
    const look1 = (when: number, tlsa: MxHost['tlsa'], serial = '01') => {
      const host = mxHost('mx1.example.com', when)
      const sessions = [session('192.0.2.25', when, tls(serial))]
      return snapshot(when, { hosts: [{ ...host, tlsa, sessions }] })
    }
    const record = ['3 1 1 ab']
    await look(store, look1(T0, absent(T0)), look1(at(1), answer(record, at(1))))
    await look(store, look1(at(2), answer(record, at(2))), look1(at(3), failed(at(3)), '02'))
    await look(store, look1(at(4), answer(record, at(4)), '02'))
    const runs = await store.snapshots.hostRuns(DOMAIN, 'mx1.example.com', ['192.0.2.25'])
    expect(runs.map(({ address, firstAt, observation }) => [address, firstAt, observation.outcome])).toEqual([
      ['192.0.2.25', T0, 'seen'],
      [null, T0, 'absent'],
      [null, at(1), 'seen'],
      ['192.0.2.25', at(3), 'seen'],
      [null, at(4), 'seen'],
    ])
    expect(runs.map(({ isForDane }) => isForDane)).toEqual(runs.map(() => false))
    expect(await store.snapshots.hostRuns(DOMAIN, 'mx9.example.com', [])).toEqual([])
    const host = mxHost('mx2.example.com', at(5))
    const sessions = host.sessions.map((one) => ({ ...one, dane: one.smtp }))
    await look(store, snapshot(at(5), { hosts: [{ ...host, sessions }] }))
    const twice = await store.snapshots.hostRuns(DOMAIN, 'mx2.example.com', ['192.0.2.25'])
    expect(twice.map(({ address, isForDane }) => [address, isForDane])).toEqual([
      ['192.0.2.25', true],
      ['192.0.2.25', false],
      [null, false],
    ])
  })

  test('when each domain was last looked at', async () => {
    await using store = await open()
    expect(await store.snapshots.lastLooks()).toEqual(new Map())
    const other = 'b.example' as DomainName
    await look(store, snapshot(at(0)), snapshot(at(5), { domain: other }), snapshot(at(10)))
    expect(await store.snapshots.lastLooks()).toEqual(
      new Map([
        [DOMAIN, at(10)],
        [other, at(5)],
      ]),
    )
  })
}
