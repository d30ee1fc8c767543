import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildWorld } from '../../../src/lab/build-world.ts'
import { IMAP_TOKEN } from '../../../src/lab/imap-login.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import { err, ok } from '../../../src/lib/result.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import { collect, labMailbox, NEVER, outcomeOf, readAll, trouble } from './imap-lab.ts'

let lab: Lab

beforeEach(async () => {
  lab = await startLab(buildWorld())
})
afterEach(() => lab[Symbol.asyncDispose]())

const MAIL = 'Subject: Report Domain: example.com\r\n\r\nä.\r\n'
const NOW = Date.UTC(2026, 10, 23, 12)

const commands = () => lab.imap.entries.flatMap(({ commands }) => commands)
const flags = (folder = 'INBOX') => lab.imap.folder(folder).mails.map((mail) => [mail.uid, ...mail.flags])

describe.each(['implicit', 'starttls', 'loopback'] as const)('%s', (security) => {
  test('reads what is there, byte for byte, and marks it with the keyword and nothing else', async () => {
    lab.imap.arrive(MAIL, NOW)
    lab.imap.arrive('second', NOW + 1_000)
    const mailbox = labMailbox(lab, {}, { security })
    expect(mailbox.account).toMatch(/^reports@lab\.example@localhost:\d+$/)
    await using session = await mailbox.open(NEVER)
    expect(session.uidValidity).toBe(String(lab.imap.folder('INBOX').uidValidity))
    const uids = await session.uids(null)
    expect(uids).toEqual([1, 2])
    const bytes = (text: string) => Buffer.from(text)
    expect(await collect(session, uids)).toEqual([
      { uid: 1, receivedAt: NOW, sizeBytes: bytes(MAIL).length, raw: bytes(MAIL) },
      { uid: 2, receivedAt: NOW + 1_000, sizeBytes: 6, raw: bytes('second') },
    ])
    await session.finish(uids)
    await session.finish(uids)
    expect(flags()).toEqual([
      [1, '$BotProcessed'],
      [2, '$BotProcessed'],
    ])
    expect(commands().every(({ text, secured }) => secured || /CAPABILITY|STARTTLS/.test(text))).toBe(true)
  })
})

test('asks for mails by the day, one more than was asked for, ascending', async () => {
  for (const daysAgo of [0, 1, 2, 3]) lab.imap.arrive(MAIL, NOW - daysAgo * DAY_MS)
  await using session = await labMailbox(lab).open(NEVER)
  expect(await session.uids(NOW - DAY_MS)).toEqual([1, 2, 3])
  expect(commands().at(-1)?.text).toMatch(/UID SEARCH SINCE 21-Nov-2026$/)
})

test('a mail is told without its bytes from one byte over the limit on, and these are never sent', async () => {
  for (const size of [99, 100, 101]) lab.imap.arrive('x'.repeat(size), NOW)
  await using session = await labMailbox(lab).open(NEVER)
  const mails = await collect(session, [1, 2, 3], 100)
  expect(mails.map(({ uid, sizeBytes, raw }) => [uid, sizeBytes, raw?.length ?? null])).toEqual([
    [1, 99, 99],
    [2, 100, 100],
    [3, 101, null],
  ])
  expect(
    commands()
      .filter(({ text }) => text.includes('BODY'))
      .map(({ text }) => text.slice(text.indexOf('UID'))),
  ).toEqual(['UID FETCH 1:2 (UID BODY.PEEK[]<0.101>)'])
})

test('a size that is a lie is found out, and no more is read than one byte over the limit', async () => {
  lab.imap.arrive('x'.repeat(5_000), NOW)
  lab.imap.arrive('y'.repeat(50), NOW)
  trouble(lab, 'size-too-small')
  {
    await using session = await labMailbox(lab).open(NEVER)
    const mails = await collect(session, [1, 2], 100)
    expect(mails.map(({ sizeBytes, raw }) => [sizeBytes, raw?.length ?? null])).toEqual([
      [101, null],
      [50, 50],
    ])
  }
  trouble(lab, 'size-negative')
  {
    await using session = await labMailbox(lab).open(NEVER)
    expect((await collect(session, [1, 2], 100)).map(({ sizeBytes }) => sizeBytes)).toEqual([101, 50])
  }
  trouble(lab, 'size-too-large')
  await using session = await labMailbox(lab).open(NEVER)
  expect((await collect(session, [2], 100)).map(({ sizeBytes, raw }) => [sizeBytes, raw])).toEqual([
    [2 ** 30, null],
  ])
})

test('more mails than are asked for at once come in order, large ones in their place, absent ones left out', async () => {
  for (let n = 1; n <= 1_203; n++) lab.imap.arrive(n % 100 === 0 ? 'x'.repeat(200) : `mail ${n}`, NOW)
  lab.imap.expunge([7, 600])
  await using session = await labMailbox(lab).open(NEVER)
  const uids = Array.from({ length: 1_210 }, (_, index) => index + 1)
  const mails = await collect(session, uids, 100)
  expect(mails.map(({ uid }) => uid)).toEqual(uids.filter((uid) => uid <= 1_203 && uid !== 7 && uid !== 600))
  expect(mails.filter(({ raw }) => raw === null).map(({ uid }) => uid)).toEqual(
    [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12].map((n) => n * 100),
  )
  expect(mails.every(({ uid, raw }) => raw === null || raw.toString() === `mail ${uid}`)).toBe(true)
})

test('the largest mail that is taken comes whole', async () => {
  const size = 15 * 1024 * 1024
  lab.imap.arrive('x'.repeat(size), NOW)
  await using session = await labMailbox(lab).open(NEVER)
  const [mail] = await collect(session, [1], size)
  expect([mail?.sizeBytes, mail?.raw?.length]).toEqual([size, size])
})

test.each([
  [50_000, ['ALL']],
  [50_001, ['1:50000', '50001:*']],
])('of %i mails the UIDs are asked for in parts that no limit cuts', async (count, asked) => {
  const folder = lab.imap.folder('INBOX')
  for (let n = 0; n < count; n++) folder.add(Buffer.from('x'), NOW)
  await using session = await labMailbox(lab).open(NEVER)
  const uids = await session.uids(null)
  expect([uids.length, uids[0], uids.at(-1)]).toEqual([count, 1, count])
  const searches = commands().filter(({ text }) => text.includes('SEARCH'))
  expect(searches.map(({ text }) => text.split('UID SEARCH ')[1])).toEqual(asked)
})

test('who stops in the middle can go on with something else', async () => {
  for (let n = 1; n <= 120; n++) lab.imap.arrive(`mail ${n}`, NOW)
  await using session = await labMailbox(lab).open(NEVER)
  for await (const { uid } of session.fetch(await session.uids(null), 100)) if (uid === 3) break
  await session.finish([3])
  expect((await collect(session, [120])).map(({ raw }) => raw?.toString())).toEqual(['mail 120'])
  expect(await session.uids(null)).toHaveLength(120)
})

test('mails that somebody else expunges while they are read are left out, and no other', async () => {
  for (let n = 1; n <= 5; n++) lab.imap.arrive(`mail ${n}`, NOW)
  trouble(lab, 'vanishing')
  await using session = await labMailbox(lab).open(NEVER)
  const mails = await collect(session, [1, 2, 3, 4, 5])
  expect(mails.map(({ uid, raw }) => `${uid} ${raw}`)).toEqual([
    '2 mail 2',
    '3 mail 3',
    '4 mail 4',
    '5 mail 5',
  ])
  expect(await collect(session, [2])).toEqual([])
})

test('what others do to flags while mails are read is not taken for mails', async () => {
  lab.imap.arrive('one', NOW)
  await using one = await labMailbox(lab).open(NEVER)
  await using other = await labMailbox(lab).open(NEVER)
  await other.finish([1])
  expect((await collect(one, [1])).map(({ raw }) => raw?.toString())).toEqual(['one'])
})

describe('afterwards', () => {
  const move = { afterReading: { kind: 'move', folder: 'Archive/TLS' } } as const

  test.each([[[]], [['MOVE']], [['MOVE', 'UIDPLUS']]] as const)(
    'moves, into a folder that is made (without %o)',
    async (lacks) => {
      for (const text of ['one', 'two', 'three']) lab.imap.arrive(text, NOW)
      trouble(lab, null, lacks)
      await using session = await labMailbox(lab, move).open(NEVER)
      await session.finish([1, 3])
      await session.finish([1, 3])
      expect(await session.uids(null)).toEqual([2])
      expect(lab.imap.folder('Archive/TLS').mails.map(({ raw }) => raw.toString())).toEqual(['one', 'three'])
      expect(commands().filter(({ text }) => text.includes('CREATE'))).toHaveLength(1)
    },
  )

  test('a move that the server says it has made and has not is made again, and is no success', async () => {
    for (const text of ['one', 'two']) lab.imap.arrive(text, NOW)
    trouble(lab, { at: 'move', does: 'ok' })
    await using session = await labMailbox(lab, move).open(NEVER)
    await expect(session.finish([1, 2])).rejects.toMatchObject({
      message: expect.stringContaining('it leaves mails where they are that it was to move to Archive/TLS'),
    })
    expect(commands().filter(({ text }) => text.includes('UID MOVE'))).toHaveLength(5)
    trouble(lab, null)
    await using later = await labMailbox(lab, move).open(NEVER)
    await later.finish([1, 2])
    expect(await later.uids(null)).toEqual([])
  })

  test('without UIDPLUS nothing of others is expunged, and that is said once', async () => {
    for (const text of ['one', 'two']) lab.imap.arrive(text, NOW)
    lab.imap.folder('INBOX').mails[1]?.flags.add('\\Deleted')
    trouble(lab, null, ['MOVE', 'UIDPLUS'])
    const said: string[] = []
    const mailbox = labMailbox(lab, { ...move, notice: (sentence) => said.push(sentence) })
    for (let times = 0; times < 2; times++) {
      await using session = await mailbox.open(NEVER)
      await session.finish([1])
    }
    expect(flags()).toEqual([
      [1, '\\Deleted'],
      [2, '\\Deleted'],
    ])
    expect(said).toEqual([expect.stringContaining('neither MOVE nor UIDPLUS')])
  })

  test('leaves mails alone in a folder that is opened for reading only', async () => {
    lab.imap.arrive('one', NOW)
    await using session = await labMailbox(lab, { afterReading: { kind: 'leave' } }).open(NEVER)
    await collect(session, [1])
    await session.finish([1])
    expect(flags()).toEqual([[1]])
    expect(commands().some(({ text }) => text.endsWith('EXAMINE INBOX'))).toBe(true)
    expect(commands().some(({ text }) => /STORE|MOVE|COPY|SELECT/.test(text))).toBe(false)
  })

  test('a folder that takes no keywords is left as it is, and that is said once', async () => {
    lab.imap.arrive('one', NOW)
    trouble(lab, 'no-keywords')
    const said: string[] = []
    const mailbox = labMailbox(lab, { notice: (sentence) => said.push(sentence) })
    for (let times = 0; times < 2; times++) {
      await using session = await mailbox.open(NEVER)
      await session.finish([1])
    }
    expect(flags()).toEqual([[1]])
    expect(said).toEqual([expect.stringContaining('takes no keywords')])
  })

  test('nothing is sent for no mails', async () => {
    await using session = await labMailbox(lab, move).open(NEVER)
    const before = commands().length
    await session.finish([])
    expect(await collect(session, [])).toEqual([])
    expect(commands()).toHaveLength(before)
  })
})

test('`\\Seen` is never set, whatever is done', async () => {
  lab.imap.arrive('one', NOW)
  for (const afterReading of [
    { kind: 'flag' },
    { kind: 'leave' },
    { kind: 'move', folder: 'Read' },
  ] as const) {
    await readAll(labMailbox(lab, { afterReading }))
  }
  expect([...flags(), ...flags('Read')].flat()).not.toContain('\\Seen')
  expect(commands().some(({ text }) => /\\Seen|BODY\[/i.test(text))).toBe(false)
})

describe('news', () => {
  test('comes at once by IDLE, and the session goes on', async () => {
    await using session = await labMailbox(lab).open(NEVER)
    const news = session.waitForNews(10_000, NEVER)
    await untilIdle()
    lab.imap.arrive('one', NOW)
    expect(await news).toBe(true)
    expect(await session.uids(null)).toEqual([1])
    expect(await session.waitForNews(50, NEVER)).toBe(false)
    expect((await collect(session, [1]))[0]?.raw?.toString()).toBe('one')
  })

  test('that came while mails were read is not slept through', async () => {
    await using session = await labMailbox(lab).open(NEVER)
    await session.uids(null)
    lab.imap.arrive('one', NOW)
    await session.finish([1])
    expect(await session.waitForNews(10_000, NEVER)).toBe(true)
  })

  test('mails that go are no news', async () => {
    lab.imap.arrive('one', NOW)
    await using session = await labMailbox(lab).open(NEVER)
    const news = session.waitForNews(150, NEVER)
    await untilIdle()
    lab.imap.expunge([1])
    expect(await news).toBe(false)
  })

  test('waiting ends with its signal', async () => {
    await using session = await labMailbox(lab).open(NEVER)
    const stop = new AbortController()
    const news = session.waitForNews(10_000, stop.signal)
    await untilIdle()
    stop.abort()
    expect(await news).toBe(false)
    expect(await session.uids(null)).toEqual([])
  })

  test.each([
    [null, ['IDLE'], {}],
    [null, [], { idle: false }],
    [{ at: 'idle', does: 'no' }, [], {}],
    ['idle-ends-at-once', [], {}],
  ] as const)('there is none without IDLE: %o, without %o, %o', async (mode, lacks, options) => {
    trouble(lab, mode, lacks)
    await using session = await labMailbox(lab, options).open(NEVER)
    expect(await session.waitForNews(10_000, NEVER)).toBe(false)
    expect(await session.uids(null)).toEqual([])
  })

  /** The lab has answered IDLE, or is about to. */
  async function untilIdle(): Promise<void> {
    while (!commands().some(({ text }) => text.endsWith('IDLE'))) await new Promise(setImmediate)
  }
})

describe('a login', () => {
  test('by token asks for it each time', async () => {
    const tokens = ['stale', IMAP_TOKEN]
    const accessToken = () => ok(new Secret(tokens.shift() ?? ''))
    const mailbox = labMailbox(lab, { accessToken }, { password: null })
    expect(await outcomeOf(mailbox.open(NEVER))).toBe('login-refused')
    await using session = await mailbox.open(NEVER)
    expect(await session.uids(null)).toEqual([])
    expect(commands().some(({ text }) => text.includes('AUTHENTICATE XOAUTH2'))).toBe(true)
  })

  test('whose token cannot be had is refused in its words, and nobody is called', async () => {
    const accessToken = () => err('IMAP_ACCESS_TOKEN_FILE: /x does not exist')
    const open = labMailbox(lab, { accessToken }, { password: null }).open(NEVER)
    await expect(open).rejects.toThrow('the login was refused: IMAP_ACCESS_TOKEN_FILE: /x does not exist')
    expect(lab.imap.entries).toEqual([])
  })

  test('that fails names no secret, even when the server repeats it', async () => {
    const secrets = ['canary "of\\ ä', 'canary-token']
    const [password = '', token = ''] = secrets
    trouble(lab, 'quotes-login')
    const failures = [
      await labMailbox(lab, {}, { password }).open(NEVER).catch(String),
      await labMailbox(lab, { accessToken: () => ok(new Secret(token)) })
        .open(NEVER)
        .catch(String),
    ]
    for (const failure of failures) {
      expect(failure).toMatch(
        /^Error: reports@lab\.example@localhost:\d+: the login was refused: Wrong user or password: \[secret\]$/,
      )
    }
    expect(commands().some(({ text }) => Buffer.from(text, 'base64').includes('canary'))).toBe(true)
  })
})

test('two sessions at once see the same mails, and what one moves is gone for the other', async () => {
  for (let n = 1; n <= 3; n++) lab.imap.arrive(`mail ${n}`, NOW)
  const mailbox = labMailbox(lab, { afterReading: { kind: 'move', folder: 'Read' } })
  await using one = await mailbox.open(NEVER)
  await using other = await mailbox.open(NEVER)
  expect(await other.uids(null)).toEqual([1, 2, 3])
  await one.finish([1, 2])
  expect((await collect(other, [1, 2, 3])).map(({ uid }) => uid)).toEqual([3])
  await other.finish([1, 2, 3])
  expect(lab.imap.folder('Read').mails).toHaveLength(3)
})

test('UIDVALIDITY is that of this session', async () => {
  trouble(lab, 'uidvalidity-flips')
  const seen = new Set<string>()
  for (let times = 0; times < 3; times++) {
    await using session = await labMailbox(lab).open(NEVER)
    seen.add(session.uidValidity)
  }
  expect(seen.size).toBe(3)
})

test('a session that is left logs out', async () => {
  await readAll(labMailbox(lab))
  expect(commands().at(-1)?.text).toMatch(/LOGOUT$/)
})
