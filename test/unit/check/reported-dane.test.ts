import { describe, expect, it } from 'vitest'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { sha256 } from '../../../src/lib/sha256.ts'
import type { ReportedFailure } from '../../../src/model/report-window.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { withTlsa } from './broken-dane.ts'
import { daysAgo, GOOGLE, judgeReports, MICROSOFT, reportWindow, said, sighting } from './report-builder.ts'
import { absent, answer, failed, MX1, secured } from './snapshot-builder.ts'

const RIGHT = `3 1 1 ${sha256('key of leaf')}`
const WRONG = `3 1 1 ${sha256('key of another')}`
const NONE = { ...absent(), security: 'secure' } as const

function both(resultType: string, mx: string | null = MX1) {
  return [GOOGLE, MICROSOFT].map((reporter) =>
    said({ reporter, resultType, mx, policyType: 'tlsa', failed: 50, of: 500 }),
  )
}

interface Told {
  readonly codes: readonly string[]
  readonly view: ReportedFailure['ownView'] | null
  readonly detail: string | null
}

function told(
  snapshot: Snapshot,
  resultType: string,
  edit: {
    readonly domain?: Partial<WatchedDomain>
    readonly window?: Parameters<typeof reportWindow>[1]
  } = {},
): Told {
  const window = reportWindow(both(resultType), edit.window)
  const { findings } = judgeReports(window, { snapshot, domain: edit.domain ?? {} })
  const reported = findings.find(({ code }) => code === 'tlsrpt.reported.failures')
  const joined = findings.filter((one) => one.reported.length > 0)
  const own = reported?.code === 'tlsrpt.reported.failures' ? reported.evidence : null
  return {
    codes: [...joined, ...(reported === undefined ? [] : [reported])].map(({ code }) => code),
    view: own?.failure.ownView ?? null,
    detail: own?.ownDetail ?? null,
  }
}

const JOINED = { view: null, detail: null }

describe('what senders report of DANE', () => {
  it.each<[string, Snapshot, string, readonly string[]]>([
    ['a mismatch', withTlsa(secured([WRONG])), 'tlsa-invalid', ['dane.tlsa.mismatch']],
    ['a mismatch', withTlsa(secured([WRONG])), 'validation-failure', ['dane.tlsa.mismatch']],
    ['a mismatch', withTlsa(secured([WRONG])), 'certificate-not-trusted', ['dane.tlsa.mismatch']],
    ['a failing question', withTlsa(failed('dns-servfail')), 'dnssec-invalid', ['dane.tlsa.lookup-failing']],
    ['records without DNSSEC', withTlsa(answer([RIGHT])), 'dane-required', ['dane.tlsa.insecure']],
  ])('%s of ours is told as one with it', (_, snapshot, resultType, codes) => {
    expect(told(snapshot, resultType)).toEqual({ ...JOINED, codes })
  })

  it('is joined with what is missing where DANE is required', () => {
    expect(told(withTlsa(NONE), 'dane-required', { domain: { dane: 'required' } })).toEqual({
      ...JOINED,
      codes: ['dane.tlsa.missing'],
    })
  })

  it.each<[ReportedFailure['ownView'], string, Snapshot, string, string]>([
    [
      'confirmed',
      'there are none, and that is no fault of ours',
      withTlsa(NONE),
      'dane-required',
      'DANE is not used (no TLSA records)',
    ],
    [
      'not-reproduced',
      'they match',
      withTlsa(secured([RIGHT])),
      'tlsa-invalid',
      'a TLSA record names what it shows',
    ],
    [
      'not-reproduced',
      'they can be had',
      withTlsa(secured([RIGHT])),
      'dnssec-invalid',
      'a TLSA record names what it shows',
    ],
    [
      'unknown',
      'our own look-up is broken',
      withTlsa(failed('deadline')),
      'tlsa-invalid',
      'not told (deadline in the test)',
    ],
  ])('is %s when %s', (view, _, snapshot, resultType, detail) => {
    const { detail: line, ...rest } = told(snapshot, resultType)
    expect(rest).toEqual({ codes: ['tlsrpt.reported.failures'], view })
    expect(line).toContain(`${MX1}: ${detail}`)
  })

  it('is mended when ours is', () => {
    const window = {
      ownSightings: [sighting({ code: 'dane.tlsa.mismatch', subject: MX1, endedAt: daysAgo(1) })],
    }
    expect(told(withTlsa(secured([RIGHT])), 'tlsa-invalid', { window })).toMatchObject({
      view: 'fixed-since',
    })
  })

  it('is unknown where the domain does not want to hear of DANE', () => {
    const domain = { dane: 'ignore' } as const
    expect(told(withTlsa(secured([WRONG])), 'tlsa-invalid', { domain })).toEqual({
      codes: ['tlsrpt.reported.failures'],
      view: 'unknown',
      detail: 'mx1.example.com: DANE is not looked at here (dane: ignore)',
    })
  })

  it('leaves a certificate failure seen while DANE cannot be judged', () => {
    const snapshot = withTlsa(failed('deadline'))
    expect(told(snapshot, 'certificate-host-mismatch').view).toBe('not-reproduced')
  })
})
