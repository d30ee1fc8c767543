import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { INTAKE_LIMITS } from '../../../src/mailbox/limits.ts'
import { readReports } from '../../../src/mailbox/read-reports.ts'
import { HUMAN, MACHINE, mail, REPORT, zip } from './mail-builder.ts'

const MEBIBYTE = 2 ** 20
const zeros = Buffer.alloc(64 * MEBIBYTE)
/** Nine gigabytes in nine megabytes. */
const gzipBomb = Buffer.concat(Array<Buffer>(140).fill(gzipSync(zeros)))
const deflatedZeros = deflateRawSync(zeros)

const codesOf = async (bytes: Uint8Array) => (await readReports(bytes)).deviations.map(({ code }) => code)

describe('a bomb costs a quarter of a second and 64 MiB at most', () => {
  const nested = (depth: number): string =>
    depth === 0
      ? '\r\n'
      : `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n${nested(depth - 1)}`
  it.each<[string, () => Uint8Array, string]>([
    ['gzip', () => gzipBomb, 'report-too-large'],
    [
      'gzip in a mail',
      () => mail({ parts: [HUMAN, { ...MACHINE, body: gzipBomb.subarray(0, MEBIBYTE) }] }),
      'report-too-large',
    ],
    ['gzip in gzip', () => gzipSync(gzipBomb), 'report-too-large'],
    [
      'a zip of a hundred',
      () => zip(Array.from({ length: 100 }, (_, n) => ({ name: `${n}`, bytes: deflatedZeros, method: 8 }))),
      'report-too-large',
    ],
    ['50 MB of gzip', () => Buffer.concat(Array<Buffer>(6).fill(gzipBomb)), 'input-too-large'],
    [
      '15 MB of empty lines',
      () => Buffer.concat([Buffer.from('A: b\n'), Buffer.alloc(15_000_000, '\n')]),
      'mail-too-complex',
    ],
    [
      '100,000 parts',
      () => mail({ parts: Array.from({ length: 100_000 }, () => ({ ...HUMAN, body: '' })) }),
      'mail-too-complex',
    ],
    ['multiparts nested a thousand deep', () => Buffer.from(nested(1_000)), 'mail-too-complex'],
    [
      'a header of 10 MB',
      () => Buffer.concat([Buffer.from('A: '), Buffer.alloc(10_000_000, 'b'), Buffer.from('\n\n')]),
      'mail-too-complex',
    ],
  ])('%s', async (_, make, code) => {
    const bytes = make()
    await readReports(REPORT)
    const before = process.memoryUsage().rss
    // The best of some runs: other work on the machine is not what is measured.
    let bestMs = Number.POSITIVE_INFINITY
    for (let run = 0; run < 5 && bestMs > 1_000; run++) {
      const startedAt = performance.now()
      expect(await codesOf(bytes)).toContain(code)
      bestMs = Math.min(bestMs, performance.now() - startedAt)
    }
    expect(bestMs).toBeLessThan(1_000)
    expect((process.memoryUsage().rss - before) / MEBIBYTE).toBeLessThan(64)
  })
})

describe('sizes', () => {
  const report = (bytes: number) => Buffer.concat([REPORT, Buffer.alloc(bytes - REPORT.length, ' ')])
  const noise = (bytes: number) =>
    Buffer.from(Array.from({ length: bytes }, (_, n) => (n * n * 2_654_435_761) >>> 13))
  const gzipOf = (bytes: number) =>
    Buffer.concat([gzipSync(REPORT), noise(bytes - gzipSync(REPORT).length).fill(0)])
  const mailOf = (bytes: number) => {
    const plain = mail({ parts: [HUMAN, MACHINE] })
    return Buffer.concat([plain, Buffer.alloc(bytes - plain.length, 'x')])
  }
  it.each<[string, (bytes: number) => Uint8Array, number, string]>([
    ['JSON', report, INTAKE_LIMITS.jsonBytes, 'input-too-large'],
    ['gzip', gzipOf, INTAKE_LIMITS.compressedBytes, 'part-too-large'],
    ['inflated JSON', (bytes) => gzipSync(report(bytes)), INTAKE_LIMITS.jsonBytes, 'report-too-large'],
    ['mail', mailOf, INTAKE_LIMITS.mailBytes, 'input-too-large'],
  ])('%s: the limit is read, one byte more is not', async (_, make, limit, code) => {
    expect((await readReports(make(limit))).reports).toHaveLength(1)
    const beyond = await readReports(make(limit + 1))
    expect(beyond.reports).toEqual([])
    expect(beyond.deviations).toMatchObject([{ code }])
  })

  it('all JSON of one mail shares one limit', async () => {
    const body = gzipSync(report(15 * MEBIBYTE))
    const reading = await readReports(mail({ parts: [HUMAN, { ...MACHINE, body }, { ...MACHINE, body }] }))
    expect(reading).toMatchObject({ outcome: 'partial', deviations: [{ code: 'report-too-large' }] })
    expect(reading.reports).toHaveLength(1)
  })

  it('of many attachments the first ones are read', async () => {
    const parts = Array.from({ length: INTAKE_LIMITS.candidates + 1 }, () => MACHINE)
    const reading = await readReports(mail({ parts: [HUMAN, ...parts] }))
    expect(reading.reports).toHaveLength(INTAKE_LIMITS.candidates)
    expect(reading.outcome).toBe('partial')
  })
})

it.each([' ', 'A', '=', '\n', '\0', 'From ', '{'])(
  'a hundred parts of 100 kB of %j are looked at in no time',
  async (filler) => {
    const body = Buffer.alloc(100_000, filler)
    const startedAt = performance.now()
    await readReports(mail({ parts: Array.from({ length: 100 }, () => ({ type: 'image/png', body })) }))
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  },
)
