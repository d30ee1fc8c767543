import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dnsFault } from '../../../src/lab/build-world.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { type Clock, SECOND_MS, systemClock } from '../../../src/lib/time.ts'
import type { Intake, IntakeOrigin, IntakeReading } from '../../../src/mailbox/intake.ts'
import { openIntake, THREAD_LIMITS } from '../../../src/mailbox/open-intake.ts'
import { readReports } from '../../../src/mailbox/read-reports.ts'
import type { ThreadLimits } from '../../../src/mailbox/reading-thread.ts'
import { READS_AT_ONCE } from '../../../src/mailbox/reads-at-once.ts'
import { plainPolicy, plainReport } from '../protocol/tlsrpt/report-builder.ts'
import { rsaKey, signed } from './dkim-signer.ts'
import { type LabKeys, startLabKeys, txt } from './lab-keys.ts'
import { HUMAN, MACHINE, mail, REPORT } from './mail-builder.ts'

const MEBIBYTE = 2 ** 20
const MAIL: IntakeOrigin = { kind: 'mail' }
const signal = new AbortController().signal
const key = rsaKey(2048)
const KEY_NAME = 'good._domainkey.sender.example'

let dns: LabKeys
beforeAll(async () => {
  dns = await startLabKeys(
    [txt(KEY_NAME, `v=DKIM1; p=${key.p}`)],
    [dnsFault('servfail._domainkey.sender.example', 'servfail')],
  )
})
afterAll(() => dns[Symbol.asyncDispose]())

function open(limits: Partial<ThreadLimits> = {}, clock: Clock = systemClock): Intake {
  return openIntake({
    resolver: dns.resolver,
    clock,
    trustAuthservId: null,
    limits: { ...THREAD_LIMITS, ...limits },
  })
}

const sign = (bytes: Buffer, selector = 'good') =>
  signed(bytes, { domain: 'sender.example', selector, key: key.privateKey })
const withBody = (body: Uint8Array | string, type = MACHINE.type) =>
  sign(mail({ parts: [HUMAN, { ...MACHINE, type, body }] }))

/** A report with so many failure details in so many policies. */
function report(policies: number, details: number): Buffer {
  const detail = {
    'result-type': 'certificate-expired',
    'sending-mta-ip': '192.0.2.1',
    'receiving-mx-hostname': 'mx.a.example',
    'failed-session-count': 1,
  }
  const entry = { ...plainPolicy(), 'failure-details': Array.from({ length: details }, () => detail) }
  return Buffer.from(
    JSON.stringify({ ...plainReport(), policies: Array.from({ length: policies }, () => entry) }),
  )
}

function told({ result }: IntakeReading): string {
  switch (result.kind) {
    case 'reports':
      return `${result.reports.length} ${result.authenticity.trust}`
    case 'rejected':
    case 'not-a-report':
      return `${result.kind} ${result.reason}`
    case 'postponed':
      return result.kind
  }
}

const BOUNCE = mail({
  contentType: 'multipart/report; report-type=delivery-status',
  reportHeaders: [],
  parts: [
    HUMAN,
    { type: 'message/delivery-status', body: 'Reporting-MTA: dns; a.example', encoding: '8bit' },
  ],
})
const DMARC = mail({
  contentType: 'multipart/mixed',
  reportHeaders: [],
  parts: [HUMAN, { type: 'application/gzip', body: gzipSync('<?xml version="1.0"?><feedback/>') }],
})
const plain = mail({ parts: [HUMAN, MACHINE] })

describe('what becomes of a mail or file', () => {
  let intake: Intake
  beforeAll(() => {
    intake = open()
  })
  afterAll(() => intake[Symbol.asyncDispose]())

  it.each<[string, Uint8Array, IntakeOrigin, string]>([
    ['a signed report', sign(plain), MAIL, '1 verified'],
    ['an unsigned report', plain, MAIL, '1 unverified'],
    ['a key that cannot be looked up', sign(plain, 'servfail'), MAIL, 'postponed'],
    ['a bounce', sign(BOUNCE, 'servfail'), MAIL, 'not-a-report no-report'],
    ['a DMARC report', sign(DMARC, 'servfail'), MAIL, 'not-a-report xml-not-json'],
    [
      'a report that is XML',
      withBody('<feedback/>', 'application/tlsrpt+json'),
      MAIL,
      'rejected xml-not-json',
    ],
    [
      'a report that is cut',
      withBody(gzipSync(REPORT).subarray(0, 40)),
      MAIL,
      'rejected compression-damaged',
    ],
    ['a report that is missing', sign(mail({ parts: [HUMAN] })), MAIL, 'rejected no-report'],
    [
      'a mail of 15 MiB and a byte',
      Buffer.concat([plain, Buffer.alloc(15 * MEBIBYTE)]),
      MAIL,
      'rejected input-too-large',
    ],
    ['no mail at all, by mail', REPORT, MAIL, 'not-a-report no-report'],
    ['nothing', new Uint8Array(), MAIL, 'not-a-report no-report'],
    ['a mail in a file', sign(plain), { kind: 'file', name: 'a.eml' }, '1 verified'],
    ['JSON in a file', REPORT, { kind: 'file', name: null }, '1 unverified'],
    ['gzip in a file', gzipSync(REPORT), { kind: 'file', name: 'a.json.gz' }, '1 unverified'],
    ['a file that is no report', Buffer.from('{}'), { kind: 'file', name: null }, 'rejected not-a-report'],
    [
      'a picture in a file',
      Buffer.from('\x89PNG', 'latin1'),
      { kind: 'file', name: 'a.png' },
      'rejected not-json',
    ],
  ])('%s', async (_what, bytes, origin, expected) => {
    expect(told(await intake.read(bytes, origin, signal))).toBe(expected)
  })

  it('tells which mail it is and what was strange about it', async () => {
    const numbered = Buffer.concat([Buffer.from('Message-ID: <1@sender.example>\r\n'), sign(plain)])
    expect(await intake.read(numbered, MAIL, signal)).toMatchObject({
      mail: {
        messageId: '<1@sender.example>',
        from: 'tls@sender.example',
        subject: 'Report Domain: a.example Submitter: sender.example Report-ID: <r1@sender.example>',
      },
      result: { deviations: [], reports: [{ hints: { submitter: 'sender.example' } }] },
    })
  })

  it('a file without its mail says whom its contact names', async () => {
    const reading = await intake.read(REPORT, { kind: 'file', name: null }, signal)
    expect(reading).toMatchObject({
      mail: null,
      result: { authenticity: { because: 'no-mail', claimed: 'sender.example' } },
    })
  })

  it('asks for a key once, and never for a mail without a report', async () => {
    await using fresh = open()
    dns.asked()
    const mails = [sign(BOUNCE), sign(DMARC), withBody('{}'), ...Array<Buffer>(20).fill(sign(plain))]
    await Promise.all(mails.map((bytes) => fresh.read(bytes, MAIL, signal)))
    expect(dns.asked()).toEqual([KEY_NAME])
  })

  it('leaves the bytes as they were, also when they lie in a larger buffer', async () => {
    const large = Buffer.concat([Buffer.alloc(100), sign(plain), Buffer.alloc(100)])
    const digest = () => createHash('sha256').update(large).digest('hex')
    const before = digest()
    expect(told(await intake.read(large.subarray(100, -100), MAIL, signal))).toBe('1 verified')
    expect(digest()).toBe(before)
  })

  it('many at once all get their own answer', async () => {
    const reports = Array.from({ length: 60 }, (_, n) =>
      withBody(gzipSync(JSON.stringify({ ...plainReport(), 'report-id': `r${n}` }))),
    )
    const readings = await Promise.all(reports.map((bytes) => intake.read(bytes, MAIL, signal)))
    const ids = readings.map(({ result }) => result.kind === 'reports' && result.reports[0]?.report.reportId)
    expect(ids).toEqual(reports.map((_, n) => `r${n}`))
  })
})

/**
 * The longest that the main thread worked without a pause in which something else could have run. Processor time, not
 * the clock on the wall: what others do on the machine is not what is measured.
 */
async function longestWorkMs(work: () => Promise<unknown>): Promise<number> {
  const done = new AbortController()
  let longest = 0
  const usedMs = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1_000
  }
  const watch = async () => {
    for (let last = usedMs(); !done.signal.aborted; ) {
      await turn()
      const now = usedMs()
      longest = Math.max(longest, now - last)
      last = now
    }
  }
  const watching = watch()
  await work()
  done.abort()
  await watching
  return longest
}

describe('the main thread goes on', () => {
  const zeros = gzipSync(Buffer.alloc(64 * MEBIBYTE))
  const bomb = Buffer.concat(Array<Buffer>(140).fill(zeros))
  const inMail = (body: Uint8Array) => withBody(body.subarray(0, 10 * MEBIBYTE))
  const wide = (text: string) => `{"policies":[${text.repeat(Math.floor((20 * MEBIBYTE - 40) / text.length))}`

  it.each<[string, () => Buffer, string]>([
    ['nine gigabytes in nine megabytes', () => inMail(bomb), 'rejected report-too-large'],
    ['the same twice compressed', () => inMail(gzipSync(bomb)), 'rejected report-too-large'],
    [
      '50 MB of it',
      () => mail({ parts: [{ ...MACHINE, body: Buffer.concat(Array<Buffer>(6).fill(bomb)) }] }),
      'rejected input-too-large',
    ],
    ['arrays a million deep', () => inMail(gzipSync('['.repeat(1_000_000))), 'rejected json-too-deep'],
    ['objects a million deep', () => inMail(gzipSync('{"a":'.repeat(1_000_000))), 'rejected json-too-deep'],
    ['arrays five million deep', () => inMail(gzipSync('['.repeat(5_000_000))), 'rejected json-too-deep'],
    ['20 MB of {}', () => inMail(gzipSync(wide('{},'))), 'rejected json-too-many-values'],
    ['21 MB of {}', () => inMail(gzipSync('{},'.repeat(7_100_000))), 'rejected report-too-large'],
    ['20 MB of members', () => inMail(gzipSync(wide('{"a":1},'))), 'rejected json-too-many-values'],
    ['20 MB of one digit', () => inMail(gzipSync('9'.repeat(20 * MEBIBYTE))), 'rejected not-a-report'],
    ['20 MB in one string', () => inMail(gzipSync(`"${'\\u0000'.repeat(3_400_000)}`)), 'rejected not-json'],
    ['20 MB of quotes', () => inMail(gzipSync('"'.repeat(20 * MEBIBYTE))), 'rejected not-json'],
    [
      'as many values as are read',
      () => inMail(gzipSync(`{"policies":[${'{},'.repeat(374_000)}{}]}`)),
      'rejected policies-too-many',
    ],
    [
      'a hundred thousand reports',
      () => inMail(gzipSync(`[${'{"policies":[]},'.repeat(99_999)}{"policies":[]}]`)),
      '100000 verified',
    ],
    ['a hundred thousand details', () => inMail(gzipSync(report(1_000, 100))), '1 verified'],
    ['a hundred thousand details in one policy', () => inMail(gzipSync(report(1, 100_000))), '1 verified'],
    [
      '15 MiB of empty lines',
      () => Buffer.concat([plain, Buffer.alloc(14 * MEBIBYTE, '\n')]),
      'rejected mail-too-complex',
    ],
    ['15 MiB in one line', () => Buffer.concat([plain, Buffer.alloc(14 * MEBIBYTE, 'x')]), '1 unverified'],
  ])(
    '%s',
    async (_what, make, expected) => {
      await using intake = open()
      await intake.read(plain, MAIL, signal)
      const bytes = make()
      const worked = await longestWorkMs(async () => {
        expect(told(await intake.read(bytes, MAIL, signal))).toBe(expected)
      })
      expect(worked).toBeLessThan(50)
    },
    60_000,
  )

  it('a hundred bombs in a row cost no memory', async () => {
    await using intake = open()
    const bytes = withBody(bomb.subarray(0, 100 * 1024))
    for (let n = 0; n < 10; n++) await intake.read(bytes, MAIL, signal)
    const before = process.memoryUsage.rss()
    for (let n = 0; n < 100; n++) {
      expect(told(await intake.read(bytes, MAIL, signal))).toBe('rejected report-too-large')
    }
    expect((process.memoryUsage.rss() - before) / MEBIBYTE).toBeLessThan(100)
  }, 120_000)
})

it('a report that goes over in pieces is the one that was read', async () => {
  await using intake = open()
  for (const [policies, details] of [
    [1, 1_999],
    [1, 2_000],
    [30, 200],
    [3, 20_000],
  ] as const) {
    const bytes = withBody(gzipSync(report(policies, details)))
    const { result } = await intake.read(bytes, MAIL, signal)
    const reports = result.kind === 'reports' ? result.reports.map((one) => one.report) : []
    expect(reports).toEqual((await readReports(bytes)).reports)
  }
})

describe('a thread that is lost', () => {
  const heavy = withBody(gzipSync(report(1_000, 100)))

  it('for want of memory fails the mail that it read, and no other', async () => {
    await using intake = open({ heapMebibytes: 24 })
    const light = sign(plain)
    const bad = intake.read(heavy, MAIL, signal)
    const others = Array.from({ length: READS_AT_ONCE * 2 }, () => intake.read(light, MAIL, signal))
    await expect(bad).rejects.toMatchObject({ name: 'IntakeFailure', kind: 'crashed' })
    for (const other of others) expect(told(await other)).toBe('1 verified')
    expect(told(await intake.read(light, MAIL, signal))).toBe('1 verified')
  })

  it('because it does not answer fails the mail that it read, and no other', async () => {
    const clock = manualClock(Date.UTC(2026, 0, 11))
    await using intake = open({}, clock)
    const bad = intake.read(heavy, MAIL, signal)
    const failure = expect(bad).rejects.toMatchObject({ name: 'IntakeFailure', kind: 'timeout' })
    const other = intake.read(sign(plain), MAIL, signal)
    await clock.advance(10 * SECOND_MS)
    await failure
    expect(told(await other)).toBe('1 verified')
  })

  it('is not missed a millisecond too early', async () => {
    const clock = manualClock(Date.UTC(2026, 0, 11))
    await using intake = open({}, clock)
    const reading = intake.read(sign(plain), MAIL, signal)
    await clock.advance(10 * SECOND_MS - 1)
    expect(told(await reading)).toBe('1 verified')
  })

  it('and is not waited for while it parses', async () => {
    const clock = manualClock(Date.UTC(2026, 0, 11))
    await using intake = open({}, clock)
    // The best of some runs: other work on the machine is not what is measured.
    let bestMs = Number.POSITIVE_INFINITY
    for (let run = 0; run < 5 && bestMs > 1_000; run++) {
      await intake.read(plain, MAIL, signal)
      const bad = intake.read(heavy, MAIL, signal)
      const failure = expect(bad).rejects.toMatchObject({ kind: 'timeout' })
      const startedAt = performance.now()
      await clock.advance(10 * SECOND_MS)
      await failure
      bestMs = Math.min(bestMs, performance.now() - startedAt)
    }
    expect(bestMs).toBeLessThan(1_000)
    expect(told(await intake.read(plain, MAIL, signal))).toBe('1 unverified')
  })
})

describe('whoever does not want to wait', () => {
  it('aborts one reading; the others go on', async () => {
    await using intake = open()
    const stop = new AbortController()
    const aborted = intake.read(sign(plain), MAIL, stop.signal)
    const other = intake.read(sign(plain), MAIL, signal)
    stop.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    expect(told(await other)).toBe('1 verified')
    await expect(intake.read(plain, MAIL, stop.signal)).rejects.toThrow('enough')
  })

  it('closes the intake: what is open is refused, and what comes later', async () => {
    const intake = open()
    const reading = intake.read(plain, MAIL, signal)
    const failure = expect(reading).rejects.toMatchObject({ kind: 'closed' })
    await intake[Symbol.asyncDispose]()
    await failure
    await expect(intake.read(plain, MAIL, signal)).rejects.toMatchObject({ kind: 'closed' })
  })
})
