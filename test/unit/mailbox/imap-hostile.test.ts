import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildWorld } from '../../../src/lab/build-world.ts'
import type { ImapExtension, ImapMode, ImapStep } from '../../../src/lab/imap-trouble.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { HASTY, labMailbox, NEVER, outcomeOf, PATIENT, readAll, trouble } from './imap-lab.ts'

let lab: Lab

/** Errors that nobody waited for: each of them would have ended the program. */
const strays: unknown[] = []
const note = (error: unknown) => strays.push(error)

beforeAll(() => {
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
})
afterAll(() => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
})

beforeEach(async () => {
  lab = await startLab(buildWorld())
  lab.imap.arrive('x'.repeat(2_000))
  lab.imap.arrive('y'.repeat(2_000))
})
afterEach(async () => {
  await lab[Symbol.asyncDispose]()
  await new Promise(setImmediate)
  expect(strays.splice(0)).toEqual([])
})

const BOUND_MS = 30_000
const STEPS: readonly ImapStep[] = [
  'greeting',
  'capability',
  'starttls',
  'login',
  'list',
  'select',
  'search',
  'fetch',
  'literal',
  'store',
  'idle',
  'noop',
]

const commands = () => lab.imap.entries.flatMap(({ commands }) => commands)

/** One whole visit: how it ended, within the time that any may take. */
async function visit(
  mode: ImapMode | null,
  options: Parameters<typeof labMailbox>[1] = {},
  lacks: readonly ImapExtension[] = [],
): Promise<string> {
  trouble(lab, mode, lacks)
  const began = performance.now()
  const outcome = await outcomeOf(readAll(labMailbox(lab, { deadlines: HASTY, ...options })))
  expect(performance.now() - began).toBeLessThan(BOUND_MS)
  return outcome
}

describe.each(STEPS)('at %s', (at) => {
  test('silence ends with a deadline', async () => {
    expect(await visit({ at, does: 'silence' })).toBe('deadline')
  })

  test.each(['reset', 'close', 'bye'] as const)('%s is a lost connection', async (does) => {
    expect(await visit({ at, does }, { deadlines: PATIENT })).toBe('connection-lost')
  })

  test('a line without end meets the limit', async () => {
    expect(await visit({ at, does: 'endless-line' }, { deadlines: PATIENT })).toBe('limit')
  })

  test('what is no IMAP ends the session, or is no answer to a question without content', async () => {
    const harmless = at === 'idle' || at === 'noop'
    const outcome = await visit({ at, does: 'garbage' }, { deadlines: harmless ? PATIENT : HASTY })
    expect(outcome === 'ok').toBe(harmless)
  })
})

describe.each(['move', 'create', 'copy', 'expunge'] as const)('moving, at %s', (at) => {
  test.each([
    ['silence', 'deadline'],
    ['reset', 'connection-lost'],
    ['no', 'server-says-no'],
  ] as const)('%s: %s', async (does, expected) => {
    const deadlines = does === 'silence' ? HASTY : PATIENT
    if (at !== 'create') lab.imap.folder('Read')
    const move = { afterReading: { kind: 'move', folder: 'Read' }, deadlines } as const
    // COPY and EXPUNGE are what is left where there is no MOVE.
    const lacks = at === 'copy' || at === 'expunge' ? (['MOVE'] as const) : []
    expect(await visit({ at, does }, move, lacks)).toBe(expected)
    // The mails are where they were, or where they should be.
    const there = [...lab.imap.folder('INBOX').mails, ...lab.imap.folder('Read').mails]
    expect(new Set(there.map(({ raw }) => raw.toString()[0]))).toEqual(new Set(['x', 'y']))
  })
})

test.each([
  [{ at: 'login', does: 'no' }, 'login-refused'],
  [{ at: 'search', does: 'no' }, 'server-says-no'],
  [{ at: 'fetch', does: 'no' }, 'server-says-no'],
  [{ at: 'store', does: 'no' }, 'server-says-no'],
  ['no-uidvalidity', 'server-says-no'],
  ['giant-literal', 'limit'],
  ['drip-literal', 'deadline'],
  ['idle-then-cut', 'connection-lost'],
] as const)('%o: %s', async (mode, expected) => {
  expect(await visit(mode, expected === 'deadline' ? {} : { deadlines: PATIENT })).toBe(expected)
})

test('a folder that does not exist is named', async () => {
  const open = labMailbox(lab, { folder: 'Nowhere' }).open(NEVER)
  await expect(open).rejects.toThrow(/: Nowhere: the folder does not exist/)
  expect(await outcomeOf(open)).toBe('folder-missing')
})

test('a farewell that is not answered holds nobody up', async () => {
  expect(await visit({ at: 'logout', does: 'silence' }, { deadlines: { ...PATIENT, farewellMs: 200 } })).toBe(
    'ok',
  )
})

describe('without TLS nothing is sent', () => {
  test.each([
    ['preauth', [], 'no-tls-offered'],
    [null, ['STARTTLS'], 'no-tls-offered'],
    [{ at: 'starttls', does: 'no' }, [], 'no-tls-offered'],
    ['injection', [], 'tls'],
  ] as const)('%o, without %o: %s', async (mode, lacks, expected) => {
    expect(await visit(mode, { deadlines: PATIENT }, lacks)).toBe(expected)
    expect(commands().some(({ text }) => /LOGIN|AUTHENTICATE/.test(text))).toBe(false)
  })

  test('nor to somebody who takes us for logged in within TLS', async () => {
    trouble(lab, 'preauth')
    expect(await outcomeOf(labMailbox(lab, {}, { security: 'implicit' }).open(NEVER))).toBe('login-refused')
  })

  test('nor to one whose certificate nobody vouches for, or is for another name', async () => {
    for (const security of ['implicit', 'starttls'] as const) {
      expect(await outcomeOf(labMailbox(lab, { ca: null }, { security }).open(NEVER))).toBe('tls')
      expect(await outcomeOf(labMailbox(lab, {}, { security, host: '127.0.0.1' }).open(NEVER))).toBe('tls')
    }
    expect(commands().some(({ text }) => /LOGIN|AUTHENTICATE/.test(text))).toBe(false)
  })

  test('but on this machine itself, where there may be none', async () => {
    trouble(lab, null, ['STARTTLS'])
    expect(await outcomeOf(readAll(labMailbox(lab, {}, { security: 'loopback' })))).toBe('ok')
  })
})

test('TLS where there is none yet is a failure of TLS, and none where there is TLS ends with the greeting', async () => {
  const { port, tlsPort } = lab.imap
  const implicit = labMailbox(lab, {}, { security: 'implicit', port })
  expect(await outcomeOf(implicit.open(NEVER))).toBe('tls')
  const plain = labMailbox(lab, { deadlines: HASTY }, { port: tlsPort })
  expect(await outcomeOf(plain.open(NEVER))).toBe('deadline')
})

test('a line that falls silent while we wait for news is noticed', async () => {
  trouble(lab, 'idle-then-silence')
  await using session = await labMailbox(lab, { deadlines: { ...PATIENT, silenceMs: 400 } }).open(NEVER)
  expect(await outcomeOf(session.waitForNews(10_000, NEVER))).toBe('deadline')
})

test('a caller that takes its time between two commands does not lose the line', async () => {
  await using session = await labMailbox(lab, { deadlines: { ...PATIENT, silenceMs: 200 } }).open(NEVER)
  const noops = () => commands().filter(({ text }) => text.endsWith('NOOP')).length
  while (noops() < 3) await new Promise(setImmediate)
  expect(await outcomeOf(session.uids(null))).toBe('ok')
})

test('a server that is not there is unreachable', async () => {
  const mailbox = labMailbox(lab)
  await lab[Symbol.asyncDispose]()
  const open = mailbox.open(NEVER)
  expect(await outcomeOf(open)).toBe('unreachable')
  await expect(open).rejects.toThrow(/ECONNREFUSED/)
})

test('after a failure every further call fails the same way, at once', async () => {
  await using session = await labMailbox(lab).open(NEVER)
  lab.imap.closeConnections()
  expect(await outcomeOf(session.uids(null))).toBe('connection-lost')
  expect(await outcomeOf(session.finish([1]))).toBe('connection-lost')
  expect(await outcomeOf(session.waitForNews(1_000, NEVER))).toBe('connection-lost')
  const reading = session.fetch([1], 100)[Symbol.asyncIterator]()
  expect(await outcomeOf(reading.next())).toBe('connection-lost')
})

test('the signal ends a session, then and later', async () => {
  const stop = new AbortController()
  const session = await labMailbox(lab).open(stop.signal)
  const waiting = outcomeOf(session.waitForNews(10_000, NEVER))
  stop.abort()
  expect(await waiting).toBe('connection-lost')
  expect(await outcomeOf(labMailbox(lab).open(stop.signal))).toBe('connection-lost')
})

test('a session of reading ends after its time, whatever the server does; waiting for news does not count', async () => {
  const clock = manualClock(Date.now())
  const deadlines = { ...PATIENT, sessionMs: 600_000, commandMs: 60_000 }
  await using session = await labMailbox(lab, { clock, deadlines }).open(NEVER)
  await clock.advance(599_000)
  expect(await outcomeOf(session.uids(null))).toBe('ok')
  const news = session.waitForNews(1_000_000, NEVER)
  await clock.advance(999_000)
  lab.imap.arrive('news')
  expect(await news).toBe(true)
  await clock.advance(599_999)
  expect(await outcomeOf(session.uids(null))).toBe('ok')
  await clock.advance(1)
  expect(await outcomeOf(session.uids(null))).toBe('deadline')
})

test('one byte at a time ends with the time of a command', async () => {
  const clock = manualClock(Date.now())
  trouble(lab, 'drip-literal')
  const deadlines = { ...PATIENT, sessionMs: 600_000, commandMs: 60_000 }
  await using session = await labMailbox(lab, { clock, deadlines }).open(NEVER)
  const reading = outcomeOf(session.fetch([1], 10_000)[Symbol.asyncIterator]().next())
  while (!commands().some(({ text }) => text.includes('BODY'))) await new Promise(setImmediate)
  await clock.advance(59_000)
  expect(
    await Promise.race([reading, new Promise((resolve) => setImmediate(resolve, 'still reading'))]),
  ).toBe('still reading')
  await clock.advance(1_000)
  expect(await reading).toBe('deadline')
})

test.each([
  [{ at: 'greeting', does: 'endless-line' }],
  [{ at: 'search', does: 'endless-line' }],
  ['giant-literal'],
] as const)('%o costs next to no memory', async (mode) => {
  await visit({ at: 'logout', does: 'close' })
  const before = process.memoryUsage.rss()
  let peak = before
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 5)
  for (let times = 0; times < 5; times++) expect(await visit(mode, { deadlines: PATIENT })).toBe('limit')
  clearInterval(sampling)
  expect((Math.max(peak, process.memoryUsage.rss()) - before) / 2 ** 20).toBeLessThanOrEqual(40)
})

test('a hundred resets, at every step, leave the process alive and nothing open', async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  for (let times = 0; times < 100; times++) {
    const at = STEPS[times % STEPS.length] ?? 'greeting'
    expect(await visit({ at, does: 'reset' }, { deadlines: PATIENT })).toBe('connection-lost')
  }
  const after = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  expect(after).toBeLessThanOrEqual(before + 2)
})
