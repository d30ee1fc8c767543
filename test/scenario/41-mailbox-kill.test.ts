import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { buildWorld, dnsFault } from '../../src/lab/build-world.ts'
import type { ImapMode } from '../../src/lab/imap-trouble.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { DAY_MS, HOUR_MS } from '../../src/lib/time.ts'
import { openStore } from '../../src/store/sqlite.ts'
import {
  bodiesAskedFor,
  heavyMail,
  LETTER,
  reportMails,
  SENDERS,
  YESTERDAY,
} from '../unit/app/mailbox-desk.ts'
import { NOW } from '../unit/check/snapshot-builder.ts'
import { trouble } from '../unit/mailbox/imap-lab.ts'
import { HUMAN, mail } from '../unit/mailbox/mail-builder.ts'
import { startChild } from '../unit/store/child.ts'
import { OPTIONS, scratch } from '../unit/store/scratch.ts'
import { liveMailboxLife, type MailboxLifeTask } from './mailbox-life.ts'
import { mailboxEnv } from './senders.ts'

// A process takes a second to start, and several on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

const SCRIPT = '../../scenario/killed-mailbox.ts'
const DONE = '$BotProcessed'
const KEY = 'reports._domainkey.google.com'
const ALL = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false }
const FORGED = SENDERS[0]?.unsigned({ dayAt: YESTERDAY - 90 * DAY_MS }) ?? LETTER
/** One of each class but the worst. */
const MAILS = [...reportMails(10), LETTER, FORGED, ...reportMails(3).slice(2), mail({ parts: [HUMAN] })]
const CLASSES = { accepted: 10, 'not-a-report': 1, quarantined: 1, duplicate: 1, rejected: 1 }

/** A mailbox with mail in it, and a database that no process has opened yet. */
async function post(mails: readonly Buffer[], mailbox: Readonly<Record<string, unknown>> = {}) {
  await using stack = new AsyncDisposableStack()
  const place = stack.use(await scratch())
  const lab = stack.use(
    await startLab(
      buildWorld({ records: SENDERS.map(({ record }) => record), zones: SENDERS.map(({ zone }) => zone) }),
    ),
  )
  for (const bytes of mails) lab.imap.arrive(bytes, NOW - HOUR_MS)
  const watch = {
    domains: ['example.com'],
    channels: { ops: { type: 'console' } },
    resolvers: [`${lab.dns.host}:${lab.dns.port}`],
    ehlo_name: 'monitor.ops.example',
    mailbox: { check: '*/5 * * * *', idle: false, ...mailbox },
  }
  const task = (database: string, deadlyReport: number | null): MailboxLifeTask => ({
    surroundings: { watch: JSON.stringify(watch), env: mailboxEnv(lab), database, caPem: lab.caPem },
    now: NOW,
    deadlyReport,
  })
  const closing = stack.move()
  return {
    lab,
    file: place.file,
    /** A life that is ended as soon as `happened`. */
    async kill(happened: () => boolean, deadlyReport: number | null = null) {
      await using child = startChild(SCRIPT, JSON.stringify(task(place.file, deadlyReport)))
      let over = false
      const ended = child.ended.finally(() => {
        over = true
      })
      while (!over && !happened()) await new Promise((resolve) => setImmediate(resolve))
      child.kill('SIGKILL')
      expect(await ended).toBe('SIGKILL')
    },
    /** A life that ends by itself. */
    live: (database = place.file) => liveMailboxLife(task(database, null)),
    flags: (folder = 'INBOX') => lab.imap.folder(folder).mails.map(({ flags }) => [...flags].join(' ')),
    bodies: () => bodiesAskedFor(lab),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

type Post = Awaited<ReturnType<typeof post>>

/** Everything that a database holds of mails and reports, but for ids and ports. */
async function stateOf(file: string) {
  await using store = await openStore(file, OPTIONS)
  const { reports } = store
  const sums: string[] = []
  for await (const { reporter, dayAt, policy } of reports.policiesSince(0)) {
    sums.push(`${reporter} ${dayAt} ${policy.successfulSessions} ${policy.failedSessions}`)
  }
  return {
    classes: Object.fromEntries(await reports.mailClasses(0)),
    reports: (await reports.list(ALL, 10_000))
      .map(({ identity, standing }) => `${standing} ${identity}`)
      .sort(),
    sums: sums.toSorted((a, b) => (a < b ? -1 : 1)),
    ...rowsOf(file),
  }
}

/** What only the tables themselves tell. */
function rowsOf(file: string) {
  using connection = new DatabaseSync(file, { readOnly: true })
  const all = (sql: string) =>
    connection
      .prepare(sql)
      .all()
      .map((row) => Object.values(row).join(' '))
  return {
    integrity: all('PRAGMA integrity_check'),
    attempted: all("SELECT uid, attempts FROM mail WHERE state = 'attempted' ORDER BY uid"),
    awaiting: all('SELECT uid FROM mail WHERE awaiting = 1'),
    mails: all('SELECT count(*) FROM mail'),
  }
}

/** The same mails, read by a life that nobody ended. */
async function undisturbed() {
  await using it = await post(MAILS)
  expect(await it.live()).toBe('read')
  return await stateOf(it.file)
}

let control: ReturnType<typeof undisturbed> | null = null
const controlState = () => (control ??= undisturbed())

const commands = (lab: Lab) => lab.imap.entries.at(-1)?.commands.map(({ text }) => text) ?? []
const asked = (it: Post, what: RegExp, times = 1) => {
  const before = it.lab.imap.entries.length
  return () =>
    it.lab.imap.entries.length > before && commands(it.lab).filter((text) => what.test(text)).length >= times
}
const SIZES = /UID FETCH .*RFC822\.SIZE/
const BODIES = /UID FETCH .*BODY\.PEEK/

function everyAttempt(count: number, attempts: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${index + 1} ${attempts}`)
}

async function expectWhole(it: Post): Promise<void> {
  const state = await stateOf(it.file)
  expect(state).toEqual(await controlState())
  expect(state.classes).toEqual(CLASSES)
  expect([state.integrity, state.attempted, state.awaiting]).toEqual([['ok'], [], []])
  expect(it.flags()).toEqual(MAILS.map((bytes) => (bytes.equals(LETTER) ? '' : DONE)))
}

test.each<[string, ImapMode, RegExp, readonly string[]]>([
  ['K1: before the journal', { at: 'search', does: 'silence' }, /SEARCH/, []],
  ['K2: after the journal, at the sizes', { at: 'fetch', does: 'silence' }, SIZES, everyAttempt(14, 1)],
  ['K2: in the middle of a mail', { at: 'literal', does: 'silence' }, BODIES, everyAttempt(14, 1)],
])('%s: every mail is read at the next start, once', async (_what, mode, step, journal) => {
  await using it = await post(MAILS)
  trouble(it.lab, mode)
  await it.kill(asked(it, step))
  expect([rowsOf(it.file).attempted, (await stateOf(it.file)).classes]).toEqual([journal, {}])
  trouble(it.lab, null)
  expect(await it.live()).toBe('read')
  await expectWhole(it)
})

test('K3: while a key is looked up for the reading thread', async () => {
  await using it = await post(MAILS)
  it.lab.change((world) => ({ ...world, dnsFaults: [dnsFault(KEY, 'timeout')] }))
  await it.kill(() => it.lab.journal.dns.some(({ name }) => name === KEY))
  expect(rowsOf(it.file).attempted).toEqual(everyAttempt(14, 1))
  it.lab.change((world) => ({ ...world, dnsFaults: [] }))
  expect(await it.live()).toBe('read')
  await expectWhole(it)
})

test('K3: three times while one mail is parsed: that one is put aside, and the others count', async () => {
  // The second command for bytes of one batch says that the thread has got what the first one brought.
  const filled = Buffer.concat([LETTER, Buffer.alloc(4_200_000, 'x')])
  const heavy = heavyMail()
  await using it = await post([heavy, filled, ...MAILS])
  await it.kill(asked(it, BODIES, 2))
  expect(it.lab.journal.dns).toEqual([])
  expect(rowsOf(it.file).attempted).toEqual(everyAttempt(16, 1))
  for (const attempts of [2, 3]) {
    await it.kill(asked(it, BODIES))
    // It was alone this time.
    expect(rowsOf(it.file).attempted).toEqual([`1 ${attempts}`, ...everyAttempt(16, 1).slice(1)])
  }
  expect(await it.live()).toBe('read')
  const { classes, attempted, sums } = await stateOf(it.file)
  expect(classes).toEqual({ ...CLASSES, 'not-a-report': 2, quarantined: 2 })
  expect(attempted).toEqual([])
  expect(sums).toEqual((await controlState()).sums)
  expect(it.flags()[0]).toBe(DONE)
})

test('K4: inside the transaction: nothing of it is there, and all of it after the next start', async () => {
  await using it = await post(MAILS)
  await it.kill(() => false, 7)
  const { classes, reports, attempted, integrity } = await stateOf(it.file)
  expect([classes, reports, attempted, integrity]).toEqual([{}, [], everyAttempt(14, 1), ['ok']])
  expect(await it.live()).toBe('read')
  await expectWhole(it)
})

test('K5: after the commit, before the flag: the flag is set at the next start, and nothing is read again', async () => {
  await using it = await post(MAILS)
  trouble(it.lab, { at: 'store', does: 'silence' })
  await it.kill(asked(it, / STORE /))
  expect((await stateOf(it.file)).classes).toEqual(CLASSES)
  expect([rowsOf(it.file).awaiting.length, new Set(it.flags())]).toEqual([13, new Set([''])])
  trouble(it.lab, null)
  const before = it.bodies().length
  expect(await it.live()).toBe('read')
  expect(it.bodies()).toHaveLength(before)
  await expectWhole(it)
})

test('K6: after the flag, before its note: it is set once more, which changes nothing', async () => {
  await using it = await post(MAILS)
  trouble(it.lab, { at: 'store', does: 'silence' })
  const stored = asked(it, / STORE /)
  await it.kill(() => {
    if (!stored()) return false
    for (const { raw, flags } of it.lab.imap.folder('INBOX').mails) if (!raw.equals(LETTER)) flags.add(DONE)
    return true
  })
  trouble(it.lab, null)
  const before = it.bodies().length
  expect(await it.live()).toBe('read')
  expect(it.bodies()).toHaveLength(before)
  await expectWhole(it)
})

test('K6: after the move, before its note: nothing is moved twice or read again', async () => {
  await using it = await post(MAILS, { after_reading: 'move:Read' })
  const read = it.lab.imap.folder('Read')
  trouble(it.lab, { at: 'move', does: 'silence' })
  const moving = asked(it, / MOVE /)
  await it.kill(() => {
    if (!moving()) return false
    const ours = it.lab.imap.folder('INBOX').mails.filter(({ raw }) => !raw.equals(LETTER))
    for (const { raw, receivedAt, flags } of ours) read.add(raw, receivedAt, flags)
    it.lab.imap.expunge(ours.map(({ uid }) => uid))
    return true
  })
  trouble(it.lab, null)
  const before = it.bodies().length
  expect(await it.live()).toBe('read')
  expect([it.bodies().length, read.mails.length, it.flags(), rowsOf(it.file).awaiting]).toEqual([
    before,
    13,
    [''],
    [],
  ])
  expect((await stateOf(it.file)).classes).toEqual(CLASSES)
})

/** The same again, as a server that made the folder anew shows it. */
function renumber(it: Post, mails: readonly Buffer[]): void {
  it.lab.imap.recreate('INBOX')
  for (const bytes of mails) it.lab.imap.arrive(bytes, NOW - HOUR_MS)
}

test.each<[string, RegExp, number]>([
  ['0 %', /SEARCH/, 1],
  ['50 %', SIZES, 2],
  ['99 %', / STORE /, 2],
])('K7: at %s of the rescan after another UIDVALIDITY', async (_share, step, times) => {
  const mails = [...reportMails(98), LETTER, FORGED]
  await using it = await post(mails)
  expect(await it.live()).toBe('read')
  const first = await stateOf(it.file)
  renumber(it, mails)
  await it.kill(asked(it, step, times))
  expect(await it.live()).toBe('read')
  const state = await stateOf(it.file)
  expect([state.reports, state.sums]).toEqual([first.reports, first.sums])
  expect(state.classes).toEqual({ accepted: 98, quarantined: 1, duplicate: 99, 'not-a-report': 2 })
  expect([state.integrity, state.attempted, state.awaiting]).toEqual([['ok'], [], []])
  expect(it.flags()).toEqual([...Array<string>(98).fill(DONE), '', DONE])
})

/** The same numbers for the same seed (Numerical Recipes). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('K28: ten kills in a row, anywhere, over 300 mails end like a life without any', async () => {
  const COUNT = 300
  await using it = await post([])
  const mails = reportMails(COUNT)
  for (const [n, bytes] of mails.entries()) {
    it.lab.imap.arrive(bytes, YESTERDAY + HOUR_MS - Math.floor(n / SENDERS.length - 1) * DAY_MS)
  }
  await using other = await scratch()
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = randomFrom(seed)
  for (let life = 0; life < 10; life++) {
    // The first one dies in the middle of a batch, whose mails are then read alone. Each gets through one mail at least:
    // what is under way at three deaths is put aside (R47).
    await it.kill(asked(it, /FETCH|STORE/, 7 + Math.floor(random() * (life === 0 ? 2 : 5))))
    expect(rowsOf(it.file).integrity).toEqual(['ok'])
  }
  expect(await it.live()).toBe('read')
  expect(it.flags(), `seed ${seed}`).toEqual(Array<string>(COUNT).fill(DONE))
  expect(await it.live(other.file)).toBe('read')
  const state = await stateOf(it.file)
  expect(state, `seed ${seed}`).toEqual(await stateOf(other.file))
  expect(state.classes).toEqual({ accepted: COUNT })
}, 240_000)
