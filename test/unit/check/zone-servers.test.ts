import { describe, expect, it, test } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import { isOpenQuestion, type Judgement } from '../../../src/model/finding.ts'
import type { ZoneLook } from '../../../src/model/zone-look.ts'
import {
  answer,
  context,
  failed,
  fault,
  fetchAt,
  healthy,
  ip,
  POLICY_HOST,
  watched,
} from './snapshot-builder.ts'
import { odd, reply, server, zone } from './zone-builder.ts'

function judged(zones: readonly ZoneLook[], more: Parameters<typeof context>[0] = {}): Judgement {
  return judge(healthy({ zones }), watched({ nameServers: true }), context(more))
}

/** Codes of servers found and undecided. */
function told({ findings, undecided }: Judgement): object {
  const servers = ({ code }: { readonly code: string }) => code.startsWith('dns.server.')
  return {
    found: findings.filter(servers).map(({ code, subject }) => `${code} ${subject}`),
    open: [
      ...new Set(
        undecided
          .filter((one) => servers(one) && isOpenQuestion(one))
          .map((one) => `${one.code} ${one.subject}`),
      ),
    ],
  }
}

const TIMEOUT = failed('dns-timeout')
const ALL_OF_NS2 = ['stale', 'mute', 'lame', 'drops-type'].map(
  (state) => `dns.server.${state} ns2.example.com`,
)

describe('what cannot be held against a server is undecided', () => {
  const blindness: readonly [string, ZoneLook, Parameters<typeof context>[0]][] = [
    [
      'this machine is not proven to see',
      odd({ instead: TIMEOUT }),
      { vantage: { dns: 'unproven', https: 'sees', smtp: 'sees', dnssec: 'sees' } },
    ],
    [
      'this machine has no way there',
      odd({
        instead: { ...failed('dns-unreachable'), fault: { ...fault('dns-unreachable'), blame: 'local' } },
      }),
      {},
    ],
    ['the look was given up', odd({ instead: failed('deadline') }), {}],
    [
      'nothing else answers over IPv6',
      zone([server('ns1', ['192.0.2.53']), server('ns2', ['2001:db8::53'], { instead: TIMEOUT })]),
      {},
    ],
  ]
  it.each(blindness)('%s', (_why, look, more) => {
    expect(told(judged([look], more))).toEqual({ found: [], open: ALL_OF_NS2 })
  })

  test('no server of the zone answers when asked from here', () => {
    const intercepted = reply([], { authoritative: false })
    const look = zone([
      server('ns1', ['192.0.2.53'], { instead: intercepted }),
      server('ns2', ['198.51.100.53'], { instead: intercepted }),
    ])
    expect(told(judged([look]))).toMatchObject({ found: [] })
    expect(judged([look]).undecided).toContainEqual(
      expect.objectContaining({
        code: 'dns.server.lame',
        because: expect.objectContaining({ blame: 'path' }),
      }),
    )
  })

  test('the NS set, or the addresses of a server, could not be found out', () => {
    const noNames = zone([], { nameServers: failed('dns-timeout') })
    expect(told(judged([noNames]))).toEqual({
      found: [],
      open: ['stale', 'mute', 'lame', 'drops-type'].map((state) => `dns.server.${state} any`),
    })
    const nameless = { ...server('ns2', []), addresses: failed('dns-timeout') }
    expect(told(judged([zone([server('ns1', ['192.0.2.53']), nameless])]))).toEqual({
      found: [],
      open: ALL_OF_NS2,
    })
  })
})

test('IPv6 that works elsewhere in the same look convicts a silent IPv6 address', () => {
  const look = zone([server('ns1', ['192.0.2.53']), server('ns2', ['2001:db8::53'], { instead: TIMEOUT })])
  const policyHost = {
    name: POLICY_HOST,
    addresses: answer([ip('2001:db8::80')]),
    fetches: [fetchAt('2001:db8::80')],
  }
  const judgement = judge(healthy({ zones: [look], policyHost }), watched(), context())
  expect(told(judgement)).toMatchObject({ found: ['dns.server.mute ns2.example.com'] })
})

describe('a look in which the servers were not asked', () => {
  test('neither opens nor resolves anything', () => {
    const { findings, undecided } = judged([])
    expect(findings.filter(({ code }) => code.startsWith('dns.'))).toEqual([])
    const open = undecided.filter(({ code }) => code.startsWith('dns.'))
    expect(open.map(({ subject, because }) => `${subject} ${because.kind}`)).toEqual(
      Array(4).fill('any moot'),
    )
  })

  test('ends what was found when the domain no longer wants it', () => {
    const judgement = judge(healthy(), watched({ nameServers: false }), context())
    expect(judgement.undecided.filter(({ code }) => code.startsWith('dns.'))).toEqual([])
  })
})

describe('a change on its way', () => {
  it.each([
    ['other records, short refresh', { serial: 9, refreshSeconds: 1_800 }, true, 1_800],
    ['other records, long refresh: an hour', { serial: 9, refreshSeconds: 86_400 }, true, 3_600],
    [
      'only the serial: refresh and retry',
      { serial: 9, refreshSeconds: 7_200, retrySeconds: 600 },
      false,
      7_800,
    ],
    ['only the serial: a day at most', { serial: 9, refreshSeconds: 86_400 }, false, 86_400],
  ])('%s', (_what, soa, differs, seconds) => {
    const records = differs ? { '_mta-sts.example.com TXT': ['v=STSv1; id=2025'] } : {}
    const look = odd({ soa, records })
    const [found] = judged([look]).findings
    expect(found?.evidence).toMatchObject({ recordSettlesAt: look.takenAt + seconds * 1_000 })
  })
})

test('a server of two zones is told once, at its worst', () => {
  const silent = server('ns2', ['198.51.100.53'], { instead: TIMEOUT })
  const one = zone([server('ns1', ['192.0.2.53']), silent])
  const other = zone([server('ns1', ['192.0.2.53']), silent], { name: 'example.net' as ZoneLook['name'] })
  expect(told(judged([one, other]))).toMatchObject({ found: ['dns.server.mute ns2.example.com'] })
})
