import { describe, expect, test, vi } from 'vitest'
import { dnsFault } from '../../../../src/lab/build-world.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/lib/time.ts'
import { INTAKE_LIMITS } from '../../../../src/mailbox/limits.ts'
import { CuttingProxy } from '../../../interop/cutting-proxy.ts'
import { NOW } from '../../check/snapshot-builder.ts'
import { trouble } from '../../mailbox/imap-lab.ts'
import { HUMAN, mail } from '../../mailbox/mail-builder.ts'
import {
  heavyMail,
  LETTER,
  mailboxDesk,
  reportMail,
  reportMails,
  SENDERS,
  SMALL_HEAP,
  YESTERDAY,
} from '../mailbox-desk.ts'

// Each visit starts a reading thread, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const GOOGLE_KEY = 'reports._domainkey.google.com'
const DONE = '$BotProcessed'

/** 1 + 2 + … + n: what the first n reports say together. */
const sumTo = (n: number) => (n * (n + 1)) / 2

function uidsOf(sets: readonly string[]): readonly number[] {
  return sets.flatMap((set) =>
    set.split(',').flatMap((range) => {
      const [first = 0, last = first] = range.split(':').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    }),
  )
}

describe('a folder', () => {
  test('is read once, every mail into one class; the next visit asks for no bytes', async () => {
    await using it = await mailboxDesk()
    const forged = SENDERS[0]?.unsigned({ dayAt: YESTERDAY - 90 * DAY_MS }) ?? LETTER
    it.arrive([...reportMails(7), LETTER, forged, reportMail(3), mail({ parts: [HUMAN] })])
    expect(await it.visit()).toEqual({
      outcome: 'read',
      classes: { accepted: 7, 'not-a-report': 1, quarantined: 1, duplicate: 1, rejected: 1 },
    })
    expect(await it.classes()).toEqual({
      accepted: 7,
      'not-a-report': 1,
      quarantined: 1,
      duplicate: 1,
      rejected: 1,
    })
    expect(await it.sessions()).toBe(sumTo(7))
    expect(it.flags()).toEqual([...Array<string>(7).fill(DONE), '', DONE, DONE, DONE])
    expect(uidsOf(it.fetched())).toHaveLength(11)

    expect(await it.visit()).toEqual({ outcome: 'read', classes: {} })
    expect(it.fetched()).toHaveLength(1)
    expect(await it.sessions()).toBe(sumTo(7))
  })

  test('that is empty is read, and is remembered as the one that was', async () => {
    await using it = await mailboxDesk()
    expect(await it.visit()).toEqual({ outcome: 'read', classes: {} })
    expect(it.monitor.mailbox.readAt).toBe(NOW)
    expect(await it.store.reports.lastPlace(it.mailbox.account, 'INBOX')).toEqual(it.place())
  })

  test('holds what came since the last visit; only that is read', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(3))
    await it.visit()
    it.arrive([reportMail(3), reportMail(4)])
    expect((await it.visit()).classes).toEqual({ accepted: 2 })
    expect(it.fetched()).toEqual(['1:3', '4:5'])
    expect(await it.sessions()).toBe(sumTo(5))
  })

  test('with mails of 400 days is read, and one that is older is not', async () => {
    await using it = await mailboxDesk()
    const [sender] = SENDERS
    for (const days of [400, 403]) {
      const dayAt = YESTERDAY - days * DAY_MS
      it.lab.imap.arrive(sender?.mail({ dayAt }) ?? '', dayAt + DAY_MS)
    }
    expect((await it.visit()).classes).toEqual({ accepted: 1 })
    expect(it.fetched()).toEqual(['1'])
  })

  test('and the job alone tells what it read and committed, as it goes', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(60))
    const batches: number[] = []
    const { classes, before } = await it.read(async (mails, commits) => {
      expect(mails.map(({ key }) => key)).toEqual(commits.map(({ key }) => key))
      batches.push(mails.length)
    })
    expect([Object.fromEntries(classes), before]).toEqual([{ accepted: 60 }, null])
    expect(batches).toEqual([50, 10])
  })
})

describe('another client in the folder', () => {
  test('that marks mails as seen or unseen changes nothing, and neither do we to its marks (R41)', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(6))
    const { mails } = it.lab.imap.folder('INBOX')
    for (const mail of mails.slice(0, 3)) mail.flags.add('\\Seen')
    expect((await it.visit()).classes).toEqual({ accepted: 6 })
    for (const mail of mails.slice(0, 2)) mail.flags.delete('\\Seen')
    for (const mail of mails.slice(4)) mail.flags.add('\\Seen').delete(DONE)
    expect((await it.visit()).classes).toEqual({})
    expect(it.flags()).toEqual([DONE, DONE, `\\Seen ${DONE}`, DONE, '\\Seen', '\\Seen'])
    expect(await it.sessions()).toBe(sumTo(6))
  })

  test('that deletes and copies leaves every report counted once (R41)', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(6))
    await it.visit()
    it.lab.imap.expunge([2, 5])
    it.arrive([reportMail(0), reportMail(1)])
    it.lab.imap.arrive(reportMail(6), NOW - HOUR_MS, 'Elsewhere')
    expect((await it.visit()).classes).toEqual({ duplicate: 2 })
    expect(await it.sessions()).toBe(sumTo(6))
  })

  test('that expunges a mail just when it is asked for takes that one alone, and leaves no attempt', async () => {
    await using it = await mailboxDesk()
    const uids = it.arrive(reportMails(4))
    trouble(it.lab, 'vanishing')
    expect((await it.visit()).classes).toEqual({ accepted: 3 })
    expect(it.lab.imap.folder('INBOX').mails.map(({ uid }) => uid)).toEqual([2, 3, 4])
    expect(await it.unread(uids)).toEqual(['1 0'])
  })
})

describe('a folder with another UIDVALIDITY', () => {
  test('is read as a whole, every report still counts once, and it is told (R42)', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(8))
    await it.visit()
    const before = it.place().uidValidity
    it.lab.imap.recreate('INBOX')
    it.arrive([...reportMails(8).slice(4), ...reportMails(8).slice(0, 4), reportMail(8)])
    expect(await it.visit()).toEqual({ outcome: 'read', classes: { duplicate: 8, accepted: 1 } })
    expect(await it.sessions()).toBe(sumTo(9))
    const change = { account: it.mailbox.account, folder: 'INBOX', before, after: it.place().uidValidity }
    expect(it.monitor.mailbox.state().renumberedFolders).toEqual([{ ...change, at: NOW }])
    expect(it.flags()).toEqual(Array<string>(9).fill(DONE))
    await it.visit()
    expect(it.monitor.mailbox.state().renumberedFolders).toHaveLength(1)
  })

  test('is told once while it is still empty, and what comes back then is known', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(2))
    const first = await it.read()
    const life = it.place().uidValidity
    it.lab.imap.recreate('INBOX')
    expect([first.before, (await it.read()).before, (await it.read()).before]).toEqual([null, life, null])
    it.arrive(reportMails(2))
    const { classes, before } = await it.read()
    expect([Object.fromEntries(classes), before]).toEqual([{ duplicate: 2 }, null])
  })

  test('is told although the first sessions with it break', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(2))
    await it.visit()
    it.lab.imap.recreate('INBOX')
    it.arrive(reportMails(3))
    trouble(it.lab, { at: 'literal', does: 'reset' })
    for (let visit = 0; visit < 3; visit++) expect((await it.visit()).outcome).toBe('failed')
    trouble(it.lab, null)
    expect((await it.visit()).classes).toEqual({ duplicate: 2, accepted: 1 })
    expect(it.monitor.mailbox.state().renumberedFolders).toHaveLength(1)
  })

  test('at every login is read again and again, and nothing is counted twice', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(5))
    trouble(it.lab, 'uidvalidity-flips')
    for (let visit = 0; visit < 5; visit++) {
      expect((await it.visit()).classes).toEqual(visit === 0 ? { accepted: 5 } : { duplicate: 5 })
    }
    expect(await it.sessions()).toBe(sumTo(5))
    expect(it.monitor.mailbox.state().renumberedFolders).toHaveLength(4)
  })
})

describe('a mail whose key cannot be looked up', () => {
  const dnsFaults = [dnsFault(GOOGLE_KEY, 'servfail')]

  test('is left for later, is not asked for before its time, and counts when the key is back (R49)', async () => {
    await using it = await mailboxDesk({ dnsFaults })
    it.arrive(reportMails(4), NOW)
    expect((await it.visit()).classes).toEqual({ postponed: 2, accepted: 2 })
    expect(it.flags()).toEqual(['', DONE, '', DONE])
    it.lab.change((world) => ({ ...world, dnsFaults: [] }))
    await it.clock.advance(10 * MINUTE_MS - 1)
    expect((await it.visit()).classes).toEqual({})
    expect(it.fetched()).toHaveLength(1)
    await it.clock.advance(1)
    expect((await it.visit()).classes).toEqual({ accepted: 2 })
    expect(it.fetched()).toHaveLength(2)
    expect(await it.sessions()).toBe(sumTo(4))
    expect(it.flags()).toEqual(Array<string>(4).fill(DONE))
  })

  test('is looked at again for 72 hours, however often, and then rejected', async () => {
    await using it = await mailboxDesk({ dnsFaults })
    it.arrive([reportMail(0)], NOW)
    let visits = 0
    for (; (await it.classes()).rejected === undefined && visits < 100; visits++) {
      expect((await it.visit()).classes[visits === 0 ? 'postponed' : 'rejected'] ?? 0).toBeLessThan(2)
      if ((await it.classes()).rejected === undefined) await it.clock.advance(6 * HOUR_MS)
    }
    const hours = (it.clock.now() - NOW) / HOUR_MS
    expect(hours).toBeGreaterThanOrEqual(72)
    expect(hours).toBeLessThanOrEqual(72 + 6)
    const [mail] = await it.store.reports.mails('rejected', 0, 10)
    expect(mail).toMatchObject({ reason: 'key-unavailable', receivedAt: NOW })
    expect(await it.classes()).toEqual({ rejected: 1 })
    // Many more times than a mail may end its reader, and nobody takes it for poison.
    expect(it.fetched().length).toBeGreaterThan(10)
  })
})

test('a mail over the limit is rejected by its size, and its bytes are never asked for', async () => {
  await using it = await mailboxDesk()
  const padded = (bytes: number) => Buffer.concat([LETTER, Buffer.alloc(bytes - LETTER.length, 'x')])
  it.arrive([
    padded(INTAKE_LIMITS.mailBytes),
    reportMail(0),
    padded(INTAKE_LIMITS.mailBytes + 1),
    reportMail(1),
  ])
  const { classes } = await it.visit()
  expect(classes).toEqual({ accepted: 2, 'not-a-report': 1, rejected: 1 })
  expect([...uidsOf(it.fetched())].sort()).toEqual([1, 2, 4])
  const [large] = await it.store.reports.mails('rejected', 0, 10)
  expect(large).toMatchObject({
    key: { uid: 3 },
    reason: 'input-too-large',
    sizeBytes: INTAKE_LIMITS.mailBytes + 1,
  })
})

describe('a line that is cut', () => {
  const COUNT = 30
  /** A header that nobody signs. */
  const FILLER = Buffer.from(`X-Filler: x\r\n${` ${'x'.repeat(997)}\r\n`.repeat(400)}`)

  const ENOUGH = 2 ** 40

  /** A mailbox behind a way that breaks after so many bytes of the server. */
  async function cutting() {
    let proxy: CuttingProxy | null = null
    const it = await mailboxDesk({ port: () => proxy?.endpoint.port ?? 0 })
    const open = await CuttingProxy.start({ host: '127.0.0.1', port: it.lab.imap.port }, ENOUGH)
    proxy = open
    const settings = it.settingsOf()
    const place = () => ({ ...it.place(), account: settings.intake?.mailbox.account ?? '' })
    return {
      ...it,
      async cutVisit(bytes: number) {
        open.received = ENOUGH - bytes
        const { outcome } = await it.visit(settings)
        return { outcome, received: open.received - ENOUGH + bytes }
      },
      unread: (uids: readonly number[]) => it.store.reports.unread(place(), uids, it.clock.now()),
      async [Symbol.asyncDispose]() {
        await open[Symbol.asyncDispose]()
        await it[Symbol.asyncDispose]()
      },
    }
  }

  test('at any byte, again and again: what came is kept, and nobody is taken for poison', async () => {
    // So large that one batch takes several commands.
    const mails = reportMails(COUNT).map((bytes) => Buffer.concat([FILLER, bytes]))
    await using whole = await cutting()
    whole.arrive(mails)
    const { outcome, received } = await whole.cutVisit(ENOUGH)
    expect([outcome, whole.fetched().length]).toEqual(['read', 3])

    await using it = await cutting()
    const uids = it.arrive(mails)
    const seen: number[] = []
    for (let cut = 0; seen.at(-1) !== COUNT && cut < 40; cut++) {
      // Up to the first mail oftener than one may end its reader; then always further.
      const share = cut < 4 ? cut / 4_000 : cut < 8 ? 1 / 40 : cut / 100
      const { outcome: ended } = await it.cutVisit(Math.floor(received * share))
      const left = await it.unread(uids)
      expect(left.filter(({ attempts }) => attempts > 0)).toEqual([])
      seen.push(COUNT - left.length)
      expect(ended === 'read').toBe(left.length === 0)
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect([seen[7], new Set(seen).size > 3]).toEqual([0, true])
    expect(await it.classes()).toEqual({ accepted: COUNT })
    expect(await it.sessions()).toBe(sumTo(COUNT))
    expect(it.flags()).toEqual(Array<string>(COUNT).fill(DONE))
  })

  test('in the middle of a mail leaves that one as if it had never been begun', async () => {
    await using it = await mailboxDesk()
    const uids = it.arrive(reportMails(3))
    trouble(it.lab, { at: 'literal', does: 'reset' })
    for (let visit = 0; visit < 5; visit++) {
      expect(await it.visit()).toEqual({ outcome: 'failed', classes: {} })
      expect(await it.unread(uids)).toEqual(['1 0', '2 0', '3 0'])
    }
    trouble(it.lab, null)
    expect(await it.visit()).toEqual({ outcome: 'read', classes: { accepted: 3 } })
  })

  test('while the server is told what was read keeps what was read, and tells it next time', async () => {
    await using it = await mailboxDesk()
    it.arrive(reportMails(3))
    for (const does of ['reset', 'no', 'bye'] as const) {
      trouble(it.lab, { at: 'store', does })
      expect((await it.visit()).outcome).toBe('failed')
      expect([await it.classes(), it.flags()]).toEqual([{ accepted: 3 }, ['', '', '']])
    }
    trouble(it.lab, null)
    expect(await it.visit()).toEqual({ outcome: 'read', classes: {} })
    expect(it.flags()).toEqual([DONE, DONE, DONE])
    expect(it.fetched()).toEqual(['1:3'])
  })
})

test('a program that is told to stop in the middle of a batch blames no mail, however often', async () => {
  const silence = [dnsFault(GOOGLE_KEY, 'timeout')]
  await using it = await mailboxDesk({ dnsFaults: silence })
  const uids = it.arrive(reportMails(6))
  for (let stops = 0; stops < 4; stops++) {
    const stop = new AbortController()
    const asked = it.lab.journal.dns.length
    const visit = it.visit(it.settings, stop.signal)
    while (it.lab.journal.dns.length === asked) await new Promise((resolve) => setImmediate(resolve))
    stop.abort(new Error('told to stop'))
    expect((await visit).outcome).toBe('failed')
    expect((await it.unread(uids)).filter((one) => !one.endsWith(' 0'))).toEqual([])
  }
  expect([it.events(), it.monitor.mailbox.state().failingMailboxes]).toEqual([[], []])
  it.lab.change((world) => ({ ...world, dnsFaults: [] }))
  await it.visit()
  expect([await it.classes(), await it.sessions()]).toEqual([{ accepted: 6 }, sumTo(6)])
})

describe('a server that cannot be told what was read', () => {
  test('keeps nothing from being read that was fetched meanwhile, and costs no mail an attempt', async () => {
    await using it = await mailboxDesk()
    const uids = it.arrive(reportMails(95))
    trouble(it.lab, { at: 'store', does: 'reset' })
    // The first batch is to be told when the second one has been fetched.
    expect(await it.visit()).toEqual({ outcome: 'failed', classes: {} })
    expect([await it.classes(), await it.unread(uids)]).toEqual([{ accepted: 95 }, []])
    trouble(it.lab, null)
    expect((await it.visit()).outcome).toBe('read')
    expect([it.flags(), await it.sessions()]).toEqual([Array<string>(95).fill(DONE), sumTo(95)])
  })

  test('nor does it when mails are read alone', async () => {
    await using it = await mailboxDesk()
    const uids = it.arrive(reportMails(3))
    await it.store.reports.beginAttempts(it.place(), uids, NOW)
    trouble(it.lab, { at: 'store', does: 'reset' })
    for (let visit = 0; visit < 4; visit++) expect((await it.visit()).outcome).toBe('failed')
    expect([await it.classes(), await it.unread(uids)]).toEqual([{ accepted: 2 }, ['3 1']])
  })
})

describe('a mail that ends its reader', () => {
  test('is put aside after the third time; the others are read at once (R47, T24)', async () => {
    await using it = await mailboxDesk({ limits: SMALL_HEAP })
    const [, , killer] = it.arrive([reportMail(0), reportMail(1), heavyMail(), ...reportMails(12).slice(2)])
    const { outcome, classes } = await it.visit()
    expect({ outcome, classes }).toEqual({ outcome: 'read', classes: { accepted: 12 } })
    expect(await it.unread([killer ?? 0])).toEqual([`${killer} 1`])
    for (const attempts of [2, 3]) {
      expect(await it.visit()).toEqual({ outcome: 'read', classes: {} })
      expect(await it.unread([killer ?? 0])).toEqual([`${killer} ${attempts}`])
    }
    const asked = it.fetched().length
    expect(await it.visit()).toEqual({ outcome: 'read', classes: { quarantined: 1 } })
    expect(await it.visit()).toEqual({ outcome: 'read', classes: {} })
    expect(it.fetched()).toHaveLength(asked)
    expect(await it.store.reports.mails('quarantined', 0, 10)).toMatchObject([
      { key: { uid: killer }, reason: 'poison', attempts: 3 },
    ])
    expect(it.monitor.mailbox.state().unreadableMails).toMatchObject([{ reason: 'poison' }])
    expect(it.log.filter(({ event }) => event === 'mailbox.mail-failed')).toMatchObject([
      { fields: { uid: killer } },
      { fields: { uid: killer } },
      { fields: { uid: killer } },
    ])
    expect(await it.sessions()).toBe(sumTo(12))
  })

  test('with the whole program: what was under way with it is read alone and counts', async () => {
    await using it = await mailboxDesk()
    const uids = it.arrive([...reportMails(3), heavyMail(), reportMail(3)])
    const killer = 4
    // What a dead process leaves behind, twice with the whole batch, then with the killer alone.
    await it.store.reports.beginAttempts(it.place(), uids, NOW)
    await it.store.reports.beginAttempts(it.place(), uids, NOW)
    await it.store.reports.beginAttempts(it.place(), [killer], NOW)
    it.arrive([reportMail(4)])
    expect((await it.visit()).classes).toEqual({ accepted: 5, quarantined: 1 })
    expect(it.fetched()).toEqual(['6', '1', '2', '3', '5'])
    expect(await it.sessions()).toBe(sumTo(5))
    expect(await it.store.reports.mails('quarantined', 0, 10)).toMatchObject([{ key: { uid: killer } }])
  })

  test('may end it twice and is read the third time', async () => {
    await using it = await mailboxDesk()
    const uids = it.arrive(reportMails(1))
    await it.store.reports.beginAttempts(it.place(), uids, NOW)
    await it.store.reports.beginAttempts(it.place(), uids, NOW)
    expect((await it.visit()).classes).toEqual({ accepted: 1 })
  })
})

describe('after reading', () => {
  test('leave: nothing is asked of the server but to look', async () => {
    await using it = await mailboxDesk({ mailbox: { after_reading: 'leave' } })
    it.arrive([...reportMails(2), LETTER])
    expect((await it.visit()).classes).toEqual({ accepted: 2, 'not-a-report': 1 })
    expect((await it.visit()).classes).toEqual({})
    expect(it.flags()).toEqual(['', '', ''])
    const texts = it.lab.imap.entries.flatMap(({ commands }) => commands.map(({ text }) => text))
    expect(texts.filter((text) => /STORE|MOVE|COPY|EXPUNGE|CREATE| SELECT/.test(text))).toEqual([])
  })

  test('move: reports go into the other folder, and mail that is none stays where it is', async () => {
    await using it = await mailboxDesk({ mailbox: { after_reading: 'move:Read' } })
    it.arrive([reportMail(0), LETTER, reportMail(1), reportMail(0)])
    expect((await it.visit()).classes).toEqual({ accepted: 2, 'not-a-report': 1, duplicate: 1 })
    const subjects = (folder: string) => it.lab.imap.folder(folder).mails.map(({ raw }) => raw.equals(LETTER))
    expect([subjects('INBOX'), subjects('Read')]).toEqual([[true], [false, false, false]])
    expect((await it.visit()).classes).toEqual({})
    it.arrive([reportMail(2)])
    expect((await it.visit()).classes).toEqual({ accepted: 1 })
    expect(it.lab.imap.folder('Read').mails).toHaveLength(4)
  })

  test('flag: reports get the keyword alone, whoever marked them before', async () => {
    await using it = await mailboxDesk({ mailbox: { after_reading: 'flag' } })
    it.arrive([reportMail(0), LETTER])
    it.lab.imap.folder('INBOX').mails[0]?.flags.add('\\Flagged')
    await it.visit()
    expect(it.flags()).toEqual([`\\Flagged ${DONE}`, ''])
  })
})

test('a backlog of 2,000 mails is read with flat memory, every report once', async () => {
  const domains = Array.from({ length: 8 }, (_, n) => `d${n}.example`)
  await using it = await mailboxDesk({ domains })
  for (let n = 0; n < 2_000; n++) {
    const dayAt = YESTERDAY - Math.floor(n / 16) * DAY_MS
    const sender = SENDERS[n % 2]
    const raw = sender?.mail({ domain: domains[(n >> 1) % 8] ?? '', dayAt, successful: 1 }) ?? ''
    it.lab.imap.arrive(raw, dayAt + DAY_MS + 3 * HOUR_MS)
  }
  let read = 0
  let early = 0
  let peak = 0
  const { classes } = await it.read(async (mails) => {
    read += mails.length
    const rss = process.memoryUsage.rss()
    if (read <= 500) early = Math.max(early, rss)
    peak = Math.max(peak, rss)
  })
  expect(Object.fromEntries(classes)).toEqual({ accepted: 2_000 })
  expect(await it.sessions()).toBe(2_000)
  expect((peak - early) / 2 ** 20).toBeLessThan(80)
})
