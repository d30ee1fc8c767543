import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { HostFace } from '../../../src/model/host-face.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import type { CertificateFacts } from '../../../src/model/tls.ts'
import { ADDRESS, face, faced, facedHost, KEYS, old, PORTS, renewed, rsa, shown } from './broken-faces.ts'
import { context, failed, ip, MX1, NOW, sessionAt, tls, watched, withMx1 } from './snapshot-builder.ts'

const BOTH = { ...PORTS, ...KEYS }

function look(snapshot: Snapshot, domain: Partial<WatchedDomain> = BOTH, before: Snapshot | null = null) {
  const { findings, undecided } = judge(snapshot, watched(domain), context({ before }))
  const told = findings.filter(({ code }) => /not-reloaded|key-types|face|expir/.test(code))
  const open = undecided.filter(({ code }) => /not-reloaded|key-types|face/.test(code))
  return { findings, codes: told.map(({ code }) => code), open: open.map(({ code }) => code) }
}

const reload = 'mx.certificate.not-reloaded'

describe('renewed but not reloaded', () => {
  const at993 = (facts = renewed()) => face(993, shown(facts))

  test('names both serials, both ports and the end', () => {
    const [finding] = look(faced(old(3), at993())).findings
    expect(finding).toMatchObject({
      code: reload,
      evidence: {
        of: 1,
        stale: [
          { address: ADDRESS, port: 993, old: { serialNumber: '0a1b2c' }, renewed: { serialNumber: '0b' } },
        ],
      },
    })
  })

  // A third of 90 days, and of a life of six.
  test.each([
    ['30 days left of 90', old(30), renewed(), [reload]],
    ['more than a third left', old(30 + 1 / 24), renewed(), []],
    ['the renewal is a day old', old(29), renewed(-1), [reload]],
    ['the renewal is younger', old(29), renewed(-1 + 1 / 24), []],
    [
      'a life of six days: two are left, and half a day since the renewal',
      old(2, { notBeforeAt: NOW - 4 * DAY_MS }),
      renewed(-0.5, { notAfterAt: NOW + 5.5 * DAY_MS }),
      [reload],
    ],
  ])('%s', (_, at25, other, codes) => {
    expect(look(faced(at25, at993(other)), PORTS).codes.filter((code) => code === reload)).toEqual(codes)
  })

  test.each<[string, Partial<CertificateFacts>]>([
    ['for another host', { dnsNames: ['www.example.net'] }],
    ['for fewer names', { dnsNames: [] }],
    ['of the other key type', { keyType: 'rsa' }],
    ['that port 25 shows as well', { sha256: 'old' }],
    ['that ends earlier', { notAfterAt: NOW + 10 * DAY_MS }],
    ['that is older', { notBeforeAt: NOW - 80 * DAY_MS }],
  ])('a certificate %s on another port is no renewal', (_, edit) => {
    expect(look(faced(old(29), at993(renewed(-2, edit))), PORTS)).toMatchObject({ codes: [], open: [] })
  })

  test('the names may have grown in number', () => {
    const more = renewed(-2, { dnsNames: [MX1, 'imap.example.com'] })
    expect(look(faced(old(29), at993(more))).codes).toEqual([reload])
  })

  test('a self-signed web server at the same address is none of our business', () => {
    const web = tls('router.lan', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(look(faced(old(29), face(443, shown(web)))).codes).toEqual([])
  })

  test('closed ports, and ports without TLS, decide that there is nothing', () => {
    const faces = [face(465, { outcome: 'closed' }), face(587, { outcome: 'no-tls' })]
    expect(look(faced(old(60), ...faces), PORTS)).toMatchObject({ codes: [], open: [] })
  })

  test('who did not ask for other ports is told the end of the certificate as before', () => {
    expect(look(faced(old(3), at993()), {}).codes).toEqual(['mx.certificate.expiring'])
  })

  test('who ignores it is told the end of the certificate', () => {
    const ignore = new Set([reload] as const)
    expect(look(faced(old(3), at993()), { ...PORTS, ignore }).codes).toEqual(['mx.certificate.expiring'])
  })

  test('a port that does not answer this time neither opens nor resolves it, until it was silent for a day', () => {
    const silent: HostFace = { ...at993(), look: failed('connect-timeout') }
    const lookedAt = (ageMs: number) => {
      const was = at993()
      const look = was.look.outcome === 'seen' ? { ...was.look, at: NOW - ageMs } : was.look
      return faced(old(60), { ...was, look })
    }
    const codes = [reload, 'mx.face.certificate-expired']
    expect(look(faced(old(60), silent), PORTS, null).open).toEqual(codes)
    expect(look(faced(old(60), silent), PORTS, lookedAt(DAY_MS - 1)).open).toEqual(codes)
    expect(look(faced(old(60), silent), PORTS, lookedAt(DAY_MS)).open).toEqual([])
  })

  test('without a certificate on port 25 nothing can be compared', () => {
    const host = {
      ...facedHost(old(29), at993()),
      sessions: [{ address: ip(ADDRESS), smtp: failed(), dane: failed() }],
    }
    expect(look(withMx1(host), PORTS)).toMatchObject({
      codes: [],
      open: [reload, 'mx.face.certificate-expired'],
    })
  })
})

describe('two key types', () => {
  const second = (facts = rsa()) => face(25, shown(facts), 'rsa')

  test.each([
    ['expired', rsa({}, 'CERT_HAS_EXPIRED'), 'warning'],
    ['expiring', rsa({ notAfterAt: NOW + 5 * DAY_MS }), 'info'],
    ['expiring', rsa({ notAfterAt: NOW + 3 * DAY_MS }), 'warning'],
    ['name-mismatch', rsa({ dnsNames: ['old.example.com'] }), 'warning'],
    ['untrusted', rsa({}, 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'warning'],
    [
      'missing-intermediate',
      { ...rsa({}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), chain: rsa().chain.slice(0, 1) },
      'warning',
    ],
  ])('the second one is %s', (trouble, facts, severity) => {
    const { findings } = look(faced(old(60), second(facts)))
    expect(findings).toMatchObject([
      {
        code: 'mx.certificate.key-types-differ',
        severity,
        evidence: { trouble, certificate: { keyType: 'rsa' }, right: { keyType: 'ec' } },
      },
    ])
  })

  test('both in order, or no second one at all: nothing to tell', () => {
    expect(look(faced(old(60), second()), KEYS)).toMatchObject({ codes: [], open: [] })
    const none = face(25, { outcome: 'no-such-key' }, 'rsa')
    expect(look(faced(old(60), none), KEYS)).toMatchObject({ codes: [], open: [] })
  })

  test('when the ordinary one is bad that is told, and says which one it is', () => {
    const { findings, codes } = look(faced(old(-1), second()), KEYS)
    expect(codes).toEqual(['mx.certificate.expired'])
    expect(findings[0]?.evidence).toMatchObject({ hasBothKeyTypes: true, certificate: { keyType: 'ec' } })
  })

  test('each type is compared with its own renewal', () => {
    const stale = rsa({ notBeforeAt: NOW - 70 * DAY_MS, notAfterAt: NOW + 20 * DAY_MS })
    const fresh = rsa({ notBeforeAt: NOW - 2 * DAY_MS, notAfterAt: NOW + 88 * DAY_MS, sha256: 'fresh' })
    const { findings } = look(faced(old(60), second(stale), face(993, shown(fresh))))
    expect(findings.find(({ code }) => code === reload)?.evidence).toMatchObject({
      stale: [{ old: { sha256: 'rsa' }, renewed: { sha256: 'fresh' } }],
    })
  })

  test('one that could not be asked for is neither found nor resolved', () => {
    const silent: HostFace = { ...second(), look: failed('smtp-timeout') }
    expect(look(faced(old(60), silent), KEYS).open).toEqual(['mx.certificate.key-types-differ'])
  })
})

test('an expired certificate that port 25 shows as well is told as that alone', () => {
  const { codes } = look(faced(old(-1), face(993, shown(old(-1)))), PORTS)
  expect(codes).toEqual(['mx.certificate.expired'])
})

test('one stale address of two is one step less grave', () => {
  const host = facedHost(old(2), face(993, shown(renewed())))
  const other = sessionAt('192.0.2.26', { outcome: 'established', tls: renewed() })
  const { findings } = look(withMx1({ ...host, sessions: [...host.sessions, other] }), PORTS)
  expect(findings.find(({ code }) => code === reload)).toMatchObject({ severity: 'warning' })
})
