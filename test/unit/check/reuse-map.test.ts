import { describe, expect, test } from 'vitest'
import { reuseMap } from '../../../src/check/reuse-map.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { MxHost, Snapshot } from '../../../src/model/snapshot.ts'
import type { CertificateFacts } from '../../../src/model/tls.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { face, shown } from './broken-faces.ts'
import { answer, established, healthy, mxHost, NOW, sessionAt, tls } from './snapshot-builder.ts'

const name = (text: string) => text as DomainName

function host(
  text: string,
  address: string,
  edit: Partial<CertificateFacts>,
  more: Partial<MxHost> = {},
): MxHost {
  return mxHost(text, [address], { sessions: [sessionAt(address, established(tls(text, edit)))], ...more })
}

function domain(text: string, hosts: readonly MxHost[], takenAt = NOW): Snapshot {
  const policyHost = { name: name(`mta-sts.${text}`), addresses: answer([]), fetches: [] }
  return { ...healthy({ hosts, policyHost, takenAt }), domain: name(text) }
}

const WILDCARD = { sha256: 'wild', spkiSha256: 'key of wild', dnsNames: ['*.example.com'] }
const ONE_KEY = { spkiSha256: 'one key' }

describe('what hosts have in common', () => {
  const mx = host('mx1.example.com', '192.0.2.25', WILDCARD)
  const world = [
    domain('a.example', [mx]),
    domain('b.example', [mx, host('mx2.example.com', '192.0.2.26', WILDCARD)], NOW - DAY_MS),
    domain('c.example', [
      host('mx.c.example', '192.0.2.30', { ...ONE_KEY, sha256: 'c', notAfterAt: NOW + 9 * DAY_MS }),
    ]),
    domain('d.example', [
      host('mx.d.example', '192.0.2.31', { ...ONE_KEY, sha256: 'd', notAfterAt: NOW + 5 * DAY_MS }),
    ]),
  ]

  test('a certificate, with every host, address, port and domain, the biggest first', () => {
    const map = reuseMap(world, [])
    expect(map).toMatchObject({ domains: 4, hosts: 4, looked: { oldestAt: NOW - DAY_MS, newestAt: NOW } })
    expect(map.certificates.map(({ certificate }) => certificate.sha256)).toEqual(['wild', 'c', 'd'])
    expect(map.certificates[0]).toMatchObject({
      hosts: ['mx1.example.com', 'mx2.example.com'],
      domains: ['a.example', 'b.example'],
      places: [
        { host: 'mx1.example.com', address: '192.0.2.25', port: 25 },
        { host: 'mx2.example.com', address: '192.0.2.26', port: 25 },
      ],
    })
  })

  test('a key in several certificates, the first to end before the others', () => {
    expect(reuseMap(world, []).keys.find(({ spkiSha256 }) => spkiSha256 === 'one key')).toMatchObject({
      hosts: ['mx.c.example', 'mx.d.example'],
      certificates: [
        { sha256: 'd', notAfterAt: NOW + 5 * DAY_MS },
        { sha256: 'c', notAfterAt: NOW + 9 * DAY_MS },
      ],
    })
  })

  test('a domain alone, with everybody who shares with it', () => {
    const { certificates, keys } = reuseMap(world, [name('d.example')])
    expect(certificates.map(({ certificate }) => certificate.sha256)).toEqual(['d'])
    expect(keys.map(({ hosts }) => hosts)).toEqual([['mx.c.example', 'mx.d.example']])
  })

  test('other ports and the second key type are places too', () => {
    const faces = [face(993, shown(tls('mx1.example.com', WILDCARD))), face(465, { outcome: 'closed' })]
    const { certificates } = reuseMap([domain('a.example', [{ ...mx, faces }])], [])
    expect(certificates).toMatchObject([{ places: [{ port: 25 }, { port: 993 }] }])
  })

  test('the policy host may share a certificate with the mail host', () => {
    const snapshot = healthy({ hosts: [host('mx1.example.com', '192.0.2.25', WILDCARD)] })
    const { policyHost } = snapshot
    const fetches = policyHost.fetches.map((fetch) => ({
      ...fetch,
      tls: { ...fetch.tls, value: tls('mta-sts.example.com', WILDCARD) } as typeof fetch.tls,
    }))
    const { certificates } = reuseMap([{ ...snapshot, policyHost: { ...policyHost, fetches } }], [])
    expect(certificates[0]?.hosts).toEqual(['mta-sts.example.com', 'mx1.example.com'])
  })

  test('nothing was looked at', () => {
    expect(reuseMap([], [])).toEqual({
      domains: 0,
      hosts: 0,
      looked: null,
      certificates: [],
      keys: [],
      pins: [],
    })
  })
})

describe('TLSA records', () => {
  const pinned = (text: string, address: string, ...records: readonly string[]) =>
    host(text, address, { spkiSha256: 'ab01' }, { tlsa: answer(records) })

  test('with the same content change together, whatever the case of their hex', () => {
    const { pins } = reuseMap(
      [
        domain('a.example', [pinned('mx.a.example', '192.0.2.25', '3 1 1 AB01', '3 1 1 ffff')]),
        domain('b.example', [pinned('mx.b.example', '192.0.2.26', '3 1 1 ab01')]),
      ],
      [],
    )
    expect(pins).toEqual([
      {
        record: '3 1 1 ab01',
        pins: 'certificate',
        hosts: ['mx.a.example', 'mx.b.example'],
        domains: ['a.example', 'b.example'],
        matched: 'CN=mx.a.example',
      },
      {
        record: '3 1 1 ffff',
        pins: 'certificate',
        hosts: ['mx.a.example'],
        domains: ['a.example'],
        matched: null,
      },
    ])
  })

  test('that pin an authority are told from those that pin a certificate', () => {
    const { pins } = reuseMap([domain('a.example', [pinned('mx.a.example', '192.0.2.25', '2 1 1 ab01')])], [])
    expect(pins).toMatchObject([{ pins: 'authority' }])
  })
})
