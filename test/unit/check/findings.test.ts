import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/check/judge.ts'
import { FINDING_CODES } from '../../../src/model/finding-codes.ts'
import { BROKEN_ANCHORS } from './broken-anchors.ts'
import { BROKEN_CERTIFICATES } from './broken-certificates.ts'
import { BROKEN_DANE } from './broken-dane.ts'
import { BROKEN_FACES } from './broken-faces.ts'
import { BROKEN_HOSTS } from './broken-hosts.ts'
import { BROKEN_PLANS } from './broken-plans.ts'
import { BROKEN_POLICIES } from './broken-policies.ts'
import { BROKEN_RECORDS } from './broken-records.ts'
import { BROKEN_REPORTS } from './broken-reports.ts'
import { BROKEN_ROLLOVERS } from './broken-rollover.ts'
import { BROKEN_SERVERS } from './broken-servers.ts'
import { context, watched } from './snapshot-builder.ts'

const BROKEN_DOMAINS = [
  ...BROKEN_RECORDS,
  ...BROKEN_PLANS,
  ...BROKEN_POLICIES,
  ...BROKEN_HOSTS,
  ...BROKEN_CERTIFICATES,
  ...BROKEN_FACES,
  ...BROKEN_ANCHORS,
  ...BROKEN_DANE,
  ...BROKEN_ROLLOVERS,
  ...BROKEN_REPORTS,
  ...BROKEN_SERVERS,
]

describe('each way to be broken gives exactly its findings', () => {
  it.each(BROKEN_DOMAINS)('$name', (broken) => {
    const { findings } = judge(broken.snapshot, watched(broken.domain), context(broken.context))
    const told = findings.map(({ severity, code, subject }) =>
      [severity, code, subject ?? []].flat().join(' '),
    )
    expect(told.toSorted()).toEqual(broken.findings.toSorted())
  })

  it('and every code that a domain can have is among them', () => {
    const shown = new Set(BROKEN_DOMAINS.flatMap((one) => one.findings.map((text) => text.split(' ')[1])))
    const expected = FINDING_CODES.filter((code) => !code.startsWith('monitor.'))
    expect(expected.filter((code) => !shown.has(code))).toEqual([])
  })
})
