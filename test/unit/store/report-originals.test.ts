import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/lib/sha256.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { day, mail, newReport, tlsReport } from '../../contract/report-samples.ts'

const open = () => openStore(':memory:', { owner: true, allowNetworkFilesystem: false, warn: () => {} })
const FILE = { kind: 'file', sha256: 'f'.repeat(64) } as const

describe('from a mail to its reports', () => {
  it('gives those it brought, in their order, and not those that were there', async () => {
    await using store = await open()
    await store.reports.commitMails([mail(1, newReport(tlsReport(0)))])
    const reports = [newReport(tlsReport(2)), newReport(tlsReport(0)), newReport(tlsReport(1))]
    await store.reports.commitMails([mail(2, reports, { key: FILE })])
    const found = await store.reports.reportsOf(FILE)
    expect(found.map(({ report }) => report.reportId)).toEqual(['report-2', 'report-1'])
    expect(found[0]).toMatchObject({ standing: 'counted', contentSha256: reports[0]?.contentSha256 })
  })

  it('gives none for what is not there, or held no report', async () => {
    await using store = await open()
    await store.reports.commitMails([mail(1, { kind: 'not-a-report', reason: 'bounce' }, { key: FILE })])
    expect(await store.reports.reportsOf(FILE)).toEqual([])
    expect(await store.reports.reportsOf({ kind: 'file', sha256: '0'.repeat(64) })).toEqual([])
  })
})

describe('from a report to its original', () => {
  it.each([
    ['what deflates well', Buffer.alloc(5_000, 'a')],
    ['what does not', Buffer.from([1, 2, 3])],
  ])('%s comes back byte by byte, with its last arrival', async (_, bytes) => {
    await using store = await open()
    const rawSha256 = sha256(bytes)
    const commit = { rawSha256, raw: bytes }
    await store.reports.commitMails([mail(1, newReport(tlsReport(0)), { ...commit, receivedAt: day(3) })])
    await store.reports.commitMails([mail(2, newReport(tlsReport(0)), { ...commit, receivedAt: day(2) })])
    const original = await store.reports.original(rawSha256)
    expect(Buffer.from(original?.bytes ?? [])).toEqual(Buffer.from(bytes))
    expect(original?.lastAt).toBe(day(3))
    expect(await store.reports.original('0'.repeat(64))).toBeNull()
  })
})
