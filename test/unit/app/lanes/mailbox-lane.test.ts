import { describe, expect, test, vi } from 'vitest'
import { App } from '../../../../src/app/app.ts'
import type { AppTools } from '../../../../src/app/app-tools.ts'
import { drainLane, type Work } from '../../../../src/app/lane.ts'
import { MAILBOX_JOB, mailboxLane } from '../../../../src/app/lanes/mailbox-lane.ts'
import { Monitor } from '../../../../src/app/monitor.ts'
import type { Settings } from '../../../../src/app/settings.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/lib/time.ts'
import { NOW } from '../../check/snapshot-builder.ts'
import { trouble } from '../../mailbox/imap-lab.ts'
import {
  type MailboxDesk,
  type MailboxDeskOptions,
  mailboxDesk,
  reportMail,
  reportMails,
} from '../mailbox-desk.ts'

// Each visit is a connection, and a day of them takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** The lane alone, for settings that may be exchanged. */
async function running(options: Partial<MailboxDeskOptions> = {}, edit = (tools: AppTools) => tools) {
  const it = await mailboxDesk(options)
  let settings: Settings = it.settings
  const lane = mailboxLane(edit(it.tools), () => settings)
  let jobs = 0
  return {
    ...it,
    lane,
    reload(lines: Readonly<Record<string, unknown>>) {
      settings = it.settingsOf(lines)
    },
    withoutMailbox() {
      settings = { ...settings, intake: null }
    },
    async drain() {
      await drainLane(lane, it.never)
    },
    /** As when the schedule says so. */
    async due() {
      const key = `job ${++jobs}`
      await it.store.jobs.enqueue({
        key,
        kind: MAILBOX_JOB,
        argument: '',
        dueAt: it.clock.now(),
        slot: null,
      })
    },
    /** Takes the work that is due. */
    async take(): Promise<Work> {
      const work = await lane.take()
      if (work === null) throw new Error('nothing is due')
      return work
    },
    /** How long until the lane has work again. */
    async gapMs(): Promise<number | null> {
      const dueAt = await it.store.jobs.nextDueAt()
      return dueAt === null ? null : dueAt - it.clock.now()
    },
    connections: () => it.lab.imap.entries.length,
    idles: () =>
      it.lab.imap.entries.flatMap(({ commands }) => commands.filter(({ text }) => / IDLE$/.test(text)))
        .length,
  }
}

type Running = Awaited<ReturnType<typeof running>>

async function until(happened: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await happened())) await new Promise((resolve) => setImmediate(resolve))
}

async function accepted(it: Running, count: number): Promise<void> {
  await until(async () => (await it.classes()).accepted === count)
}

/** A life of the program: everything but the process. */
function life(it: MailboxDesk, edit: Partial<AppTools> = {}) {
  const tools = { ...it.tools, monitor: new Monitor(it.clock), ...edit }
  const app = new App(tools, it.settings)
  return async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute++) {
      await it.clock.drive(app.settle(it.never))
      await it.clock.advance(MINUTE_MS)
    }
    await it.clock.drive(app.settle(it.never))
  }
}

const mailboxIncidents = async (it: MailboxDesk) =>
  (await it.live()).filter((line) => line.includes('monitor.mailbox'))

describe('the schedule', () => {
  test('is kept: a visit at once, then one for each slot, and none between', async () => {
    await using it = await mailboxDesk()
    const pass = life(it)
    await pass(12)
    expect(it.lab.imap.entries.map(({ at }) => at - NOW)).toEqual([0, 5 * MINUTE_MS, 10 * MINUTE_MS])
    expect(await mailboxIncidents(it)).toEqual([])
  })

  test('that is not due gives no work', async () => {
    await using it = await running()
    expect(await it.lane.take()).toBeNull()
    await it.due()
    await it.drain()
    expect(it.connections()).toBe(1)
    expect([await it.lane.take(), await it.gapMs()]).toEqual([null, null])
  })
})

describe('a mailbox that cannot be read', () => {
  test('is tried again after 5 s, twice that, and so on up to 15 minutes; success ends it (R43)', async () => {
    await using it = await running()
    trouble(it.lab, { at: 'greeting', does: 'close' })
    await it.due()
    const gaps: (number | null)[] = []
    for (let visit = 0; visit < 11; visit++) {
      await it.drain()
      const gap = await it.gapMs()
      gaps.push(gap)
      await it.clock.advance((gap ?? 0) - 1)
      expect(await it.lane.take()).toBeNull()
      await it.clock.advance(1)
    }
    const seconds = [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    expect(gaps).toEqual(seconds.map((one) => one * SECOND_MS))
    expect(it.connections()).toBe(11)
    trouble(it.lab, null)
    await it.drain()
    expect([it.connections(), await it.gapMs()]).toEqual([12, null])

    trouble(it.lab, { at: 'greeting', does: 'close' })
    await it.due()
    await it.drain()
    expect(await it.gapMs()).toBe(5 * SECOND_MS)
  })

  test('is not tried more and more often the longer it lasts', async () => {
    await using it = await mailboxDesk()
    trouble(it.lab, { at: 'greeting', does: 'close' })
    await life(it)(4 * 60)
    const lastHour = it.lab.imap.entries.filter(({ at }) => at > it.clock.now() - HOUR_MS)
    // Twelve slots of the schedule and four of the longest wait.
    expect(lastHour.length).toBeGreaterThanOrEqual(12)
    expect(lastHour.length).toBeLessThanOrEqual(17)
  })

  test('for more than an hour is told once, and once that it is over', async () => {
    await using it = await mailboxDesk()
    const pass = life(it)
    trouble(it.lab, { at: 'login', does: 'no' })
    await pass(60)
    expect(await mailboxIncidents(it)).toEqual([])
    await pass(60)
    expect(await mailboxIncidents(it)).toEqual([`open monitor.mailbox.unreachable ${it.mailbox.account}`])
    trouble(it.lab, null)
    await pass(20)
    expect(await mailboxIncidents(it)).toEqual([])
    expect(told(it)).toEqual(['opened', 'resolved'])
  })

  test('after a restart is still the same trouble, however short this life is', async () => {
    await using it = await mailboxDesk()
    trouble(it.lab, { at: 'login', does: 'no' })
    await life(it)(70)
    const open = [`open monitor.mailbox.unreachable ${it.mailbox.account}`]
    expect(await mailboxIncidents(it)).toEqual(open)
    const pass = life(it)
    await pass(30)
    expect(await mailboxIncidents(it)).toEqual(open)
    await pass(60)
    expect(await mailboxIncidents(it)).toEqual(open)
    trouble(it.lab, null)
    await pass(20)
    expect(await mailboxIncidents(it)).toEqual([])
    expect(told(it)).toEqual(['opened', 'resolved'])
  })

  test('because of a fault of our own is told like any other, and the lane goes on', async () => {
    await using it = await mailboxDesk()
    it.arrive([reportMail(0)])
    const mended = new AbortController()
    const { reports } = it.store
    const store = {
      ...it.store,
      reports: {
        ...reports,
        beginAttempts: async (...journal: Parameters<typeof reports.beginAttempts>) => {
          if (!mended.signal.aborted) throw new Error('the disk is full')
          return reports.beginAttempts(...journal)
        },
      },
    }
    const monitor = new Monitor(it.clock)
    const pass = life(it, { store, monitor })
    await pass(1)
    expect(monitor.mailbox.state().failingMailboxes).toMatchObject([
      { account: it.mailbox.account, failure: 'internal', error: 'the disk is full', sinceAt: NOW },
    ])
    await pass(65)
    expect(await mailboxIncidents(it)).toEqual([`open monitor.mailbox.unreachable ${it.mailbox.account}`])
    mended.abort()
    await pass(20)
    expect([await mailboxIncidents(it), await it.classes()]).toEqual([[], { accepted: 1 }])
  })

  function told(it: MailboxDesk): readonly unknown[] {
    return it.log
      .filter(({ event, fields }) => event === 'self' && fields.code === 'monitor.mailbox.unreachable')
      .map(({ fields }) => fields.reason)
  }
})

describe('a reload', () => {
  test('to another folder is what the next visit reads', async () => {
    await using it = await running()
    it.arrive(reportMails(2))
    for (const mail of reportMails(5).slice(1)) it.lab.imap.arrive(mail, NOW - HOUR_MS, 'TLS')
    await it.due()
    await it.drain()
    it.reload({ folder: 'TLS', after_reading: 'leave' })
    await it.due()
    await it.drain()
    expect(await it.classes()).toEqual({ accepted: 5, duplicate: 1 })
    expect(it.flags('TLS')).toEqual(['', '', '', ''])
    expect(it.monitor.mailbox.state().renumberedFolders).toEqual([])
  })

  test('without a mailbox leaves nothing to do', async () => {
    await using it = await running()
    it.withoutMailbox()
    await it.due()
    await it.drain()
    expect([it.connections(), await it.gapMs()]).toEqual([0, null])
  })
})

describe('listening', () => {
  const listening = { idle: true }

  test('reads news at once, in the same session, without the schedule', async () => {
    await using it = await running({ mailbox: listening })
    it.arrive([reportMail(0)])
    await it.due()
    const stop = new AbortController()
    const work = (await it.take())(stop.signal)
    await accepted(it, 1)
    for (const n of [1, 2, 3]) {
      await until(() => it.idles() === n)
      it.arrive([reportMail(n)])
      await accepted(it, n + 1)
    }
    expect([it.connections(), it.clock.now()]).toEqual([1, NOW])
    stop.abort()
    await work
    // Told to stop: the job is there at the next start.
    await it.store.jobs.recover(it.clock.now())
    expect(await it.gapMs()).toBe(0)
  })

  test('ends at the next time of the schedule, which begins a session of its own', async () => {
    await using it = await running({ mailbox: listening, waitsByDesk: true })
    await it.due()
    let ended = false
    const work = (await it.take())(it.never).then(() => {
      ended = true
    })
    await until(() => it.idles() === 1)
    await it.clock.advance(5 * MINUTE_MS - 1)
    expect(ended).toBe(false)
    await it.clock.advance(1)
    await work
    expect([it.connections(), await it.gapMs()]).toEqual([1, null])
  })

  test('ends after an hour where the schedule is rarer, and goes on with another session', async () => {
    await using it = await running({ mailbox: { ...listening, check: '0 3 * * *' }, waitsByDesk: true })
    await it.due()
    const work = (await it.take())(it.never)
    await until(() => it.idles() === 1)
    await it.clock.advance(HOUR_MS)
    await work
    expect([it.connections(), await it.gapMs()]).toEqual([1, 0])
    const next = (await it.take())(it.never)
    await until(() => it.idles() === 2)
    await it.clock.advance(HOUR_MS)
    await next
    expect([it.connections(), await it.gapMs()]).toEqual([2, 0])
  })

  test('is not done where the server has no IDLE: the schedule alone brings news', async () => {
    await using it = await running({ mailbox: listening })
    trouble(it.lab, null, ['IDLE'])
    await it.due()
    await it.drain()
    it.arrive([reportMail(0)])
    expect([await it.lane.take(), await it.classes(), it.idles()]).toEqual([null, {}, 0])
    await it.due()
    await it.drain()
    expect(await it.classes()).toEqual({ accepted: 1 })
  })

  test('that is cut is a failure like any other, and the next session finds what came meanwhile', async () => {
    await using it = await running({ mailbox: listening })
    await it.due()
    const work = (await it.take())(it.never)
    await until(() => it.idles() === 1)
    it.lab.imap.closeConnections()
    await work
    expect([it.monitor.mailbox.state().failingMailboxes.length, await it.gapMs()]).toEqual([1, 5 * SECOND_MS])
    it.arrive([reportMail(0)])
    await it.clock.advance(5 * SECOND_MS)
    const stop = new AbortController()
    const again = (await it.take())(stop.signal)
    await accepted(it, 1)
    await until(() => it.idles() === 2)
    expect(it.monitor.mailbox.state().failingMailboxes).toEqual([])
    stop.abort()
    await again
  })
})
