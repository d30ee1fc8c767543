import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../src/lib/secret.ts'
import { systemClock } from '../../src/lib/time.ts'
import { type ImapMailboxOptions, imapMailbox } from '../../src/mailbox/imap.ts'
import { IMAP_DEADLINES } from '../../src/mailbox/imap-deadlines.ts'
import type { Mailbox } from '../../src/mailbox/mailbox.ts'
import type { Endpoint } from '../../src/model/route.ts'
import type { ImapServer } from '../../src/protocol/imap/account-url.ts'
import { collect, NEVER, outcomeOf } from '../unit/mailbox/imap-lab.ts'
import { CuttingProxy } from './cutting-proxy.ts'
import { eventually } from './eventually.ts'
import { DOVECOT_USER, Dovecot } from './servers/dovecot.ts'
import { OpenSslAuthority } from './servers/openssl.ts'
import { describeWith } from './servers/packages.ts'
import { Scratch } from './servers/scratch.ts'

const HOST = 'localhost'
const PASSWORD = 'only for this test'
const BACKLOG = 10_000

type Security = ImapServer['security']

interface Wish extends ImapMailboxOptions {
  readonly security: Security
  readonly endpoint: Endpoint
  readonly password: string
}

describeWith(['dovecot-imapd', 'openssl'], 'a mailbox on a real Dovecot', () => {
  const stack = new AsyncDisposableStack()
  let dovecot: Dovecot
  let ca: string
  let stranger: string
  let identity: string
  let folders = 0

  beforeAll(async () => {
    const scratch = stack.use(new Scratch('mailbox'))
    const authority = new OpenSslAuthority(scratch, 'ec', 'ec')
    ca = authority.rootPem
    stranger = new OpenSslAuthority(scratch, 'stranger', 'rsa').rootPem
    identity = authority.issue(HOST)
    dovecot = stack.use(await Dovecot.start({ identity, password: PASSWORD, settings: [] }))
  })
  afterAll(() => stack.disposeAsync())

  let folder = ''
  beforeEach(() => {
    folder = `Reports${++folders}`
    dovecot.make(folder)
  })

  /** The folder of this test, by STARTTLS, unless wished otherwise. */
  function mailbox(wish: Partial<Wish> = {}): Mailbox {
    const { security = 'starttls', password = PASSWORD, ...options } = wish
    const endpoint = wish.endpoint ?? (security === 'implicit' ? dovecot.implicit : dovecot.plain)
    const server: ImapServer = {
      host: HOST,
      port: endpoint.port,
      security,
      user: DOVECOT_USER,
      password: new Secret(password),
    }
    return imapMailbox(server, {
      clock: systemClock,
      folder,
      afterReading: { kind: 'flag' },
      idle: true,
      accessToken: null,
      ca,
      deadlines: IMAP_DEADLINES,
      notice: () => {},
      ...options,
    })
  }

  async function textsIn(name: string): Promise<readonly string[]> {
    await using session = await mailbox({ folder: name, afterReading: { kind: 'leave' } }).open(NEVER)
    return (await collect(session, await session.uids(null))).map(({ raw }) => String(raw))
  }

  describe.each(['implicit', 'starttls', 'loopback'] as const)('%s', (security) => {
    test('mails come byte for byte with their sizes and times, and get the keyword alone', async () => {
      const texts = ['Subject: one\r\n\r\none\r\n', `Subject: two\r\n\r\n${'ä'.repeat(3_000)}\r\n`]
      dovecot.deliver(texts, folder)
      await using session = await mailbox({ security }).open(NEVER)
      const uids = await session.uids(Date.now())
      expect(uids).toEqual([1, 2])
      const mails = await collect(session, uids)
      expect(mails.map(({ raw }) => String(raw))).toEqual(texts)
      expect(mails.map(({ sizeBytes }) => sizeBytes)).toEqual(texts.map((text) => Buffer.byteLength(text)))
      for (const { receivedAt } of mails) expect(Math.abs(receivedAt - Date.now())).toBeLessThan(120_000)
      await session.finish(uids)
      await session.finish(uids)
      expect(await collect(session, [1, 2, 99], 100)).toMatchObject([{ uid: 1 }, { uid: 2, raw: null }])
    })
  })

  test('a server without TLS is told neither user nor password', async () => {
    await using plain = await Dovecot.start({ identity: null, password: PASSWORD, settings: [] })
    const open = mailbox({ endpoint: plain.plain }).open(NEVER)
    expect(await outcomeOf(open)).toBe('no-tls-offered')
    // The first to disconnect was who looked whether it listens.
    await eventually(() => plain.log.split('user=<>').length > 2)
    expect(plain.log).not.toMatch(/user=<[^>]/)
  })

  test('a wrong password is refused, in the words of the server and without the password', async () => {
    const open = mailbox({ password: 'canary' }).open(NEVER)
    expect(await outcomeOf(open)).toBe('login-refused')
    await expect(open).rejects.toThrow(/Authentication failed(?!.*canary)/)
  })

  test('a certificate that nobody vouches for is no TLS', async () => {
    for (const security of ['implicit', 'starttls'] as const) {
      expect(await outcomeOf(mailbox({ security, ca: stranger }).open(NEVER))).toBe('tls')
    }
  })

  test('a folder that does not exist is missing', async () => {
    expect(await outcomeOf(mailbox({ folder: 'Nowhere' }).open(NEVER))).toBe('folder-missing')
  })

  test('a folder that was made anew has another UIDVALIDITY', async () => {
    const validity = async () => {
      await using session = await mailbox().open(NEVER)
      return session.uidValidity
    }
    dovecot.deliver(['one'], folder)
    const before = await validity()
    expect(await validity()).toBe(before)
    dovecot.make(folder)
    expect(await validity()).not.toBe(before)
  })

  describe.each([
    ['MOVE and UIDPLUS', null],
    ['UIDPLUS', 'IMAP4rev1 SASL-IR IDLE UIDPLUS'],
    ['neither MOVE nor UIDPLUS', 'IMAP4rev1 SASL-IR IDLE'],
  ] as const)('moving with %s', (_what, capabilities) => {
    test('makes the folder, and moving what is gone is no failure', async () => {
      await using other = await Dovecot.start({
        identity,
        password: PASSWORD,
        settings: capabilities === null ? [] : [`imap_capability = ${capabilities}`],
      })
      other.deliver(['one', 'two', 'three'])
      const endpoint = other.plain
      const wish = {
        endpoint,
        folder: 'INBOX',
        afterReading: { kind: 'move', folder: 'Gelesen.TLS ä' },
      } as const
      {
        await using session = await mailbox(wish).open(NEVER)
        await session.finish([1, 3])
        await session.finish([1, 3, 99])
        expect(await session.uids(null)).toEqual([2])
      }
      await using moved = await mailbox({
        endpoint,
        folder: 'Gelesen.TLS ä',
        afterReading: { kind: 'leave' },
      }).open(NEVER)
      const mails = await collect(moved, await moved.uids(null))
      expect(mails.map(({ raw }) => String(raw))).toEqual(['one', 'three'])
    })
  })

  test('two sessions in one folder: what one has moved the other does not find, and nothing is lost', async () => {
    const texts = Array.from({ length: 60 }, (_, index) => `mail ${index + 1}`)
    dovecot.deliver(texts, folder)
    const read = `${folder}Read`
    const wish = { afterReading: { kind: 'move', folder: read } } as const
    await using one = await mailbox(wish).open(NEVER)
    await using other = await mailbox(wish).open(NEVER)
    const uids = await other.uids(null)
    expect(uids).toHaveLength(60)
    await one.finish(uids.slice(0, 30))
    const seen = await collect(other, uids)
    expect(seen.map(({ raw }) => String(raw))).toEqual(texts.slice(30))
    await Promise.all([one.finish(uids), other.finish(uids)])
    // Dovecot lets both of two sessions move a mail at the same moment, which leaves two of it and never none.
    expect(new Set(await textsIn(read))).toEqual(new Set(texts))
    expect(await textsIn(folder)).toEqual([])
  })

  test('news comes by IDLE, soon, and again', async () => {
    await using session = await mailbox().open(NEVER)
    for (const count of [1, 2]) {
      const news = session.waitForNews(30_000, NEVER)
      dovecot.deliver([`mail ${count}`], folder)
      expect(await news).toBe(true)
      expect(await session.uids(null)).toHaveLength(count)
    }
    expect(await session.waitForNews(100, NEVER)).toBe(false)
  })

  test('a line that is cut anywhere is a lost connection, and the next session reads everything', async () => {
    dovecot.deliver(
      Array.from({ length: 20 }, (_, index) => `mail ${index + 1} ${'x'.repeat(500)}`),
      folder,
    )
    const visit = async (cutAfter: number) => {
      await using proxy = await CuttingProxy.start(dovecot.implicit, cutAfter)
      const whole = async () => {
        await using session = await mailbox({ security: 'implicit', endpoint: proxy.endpoint }).open(NEVER)
        const uids = await session.uids(null)
        await collect(session, uids)
        await session.finish(uids)
        await session.waitForNews(20, NEVER)
        return proxy.received
      }
      let received = 0
      const outcome = await outcomeOf(
        whole().then((bytes) => {
          received = bytes
        }),
      )
      return { outcome, received }
    }
    const { outcome, received } = await visit(Number.POSITIVE_INFINITY)
    expect([outcome, received > 10_000]).toEqual(['ok', true])
    const cuts = Array.from({ length: 20 }, (_, index) => Math.floor((received * index) / 20))
    for (const cutAfter of cuts) {
      expect([cutAfter, (await visit(cutAfter)).outcome]).toEqual([cutAfter, 'connection-lost'])
    }
    expect(await textsIn(folder)).toHaveLength(20)
  })

  test(`a backlog of ${BACKLOG} mails is listed and read with flat memory`, async () => {
    dovecot.deliver(
      Array.from({ length: BACKLOG }, (_, index) => `Subject: ${index + 1}\r\n\r\n${'x'.repeat(2_000)}`),
      folder,
    )
    await using session = await mailbox().open(NEVER)
    const uids = await session.uids(null)
    expect(uids).toHaveLength(BACKLOG)
    const began = performance.now()
    let count = 0
    let early = 0
    let peak = 0
    for await (const { uid, raw } of session.fetch(uids, 15 * 1024 * 1024)) {
      count++
      if (!String(raw).startsWith(`Subject: ${uid}\r\n`)) throw new Error(`mail ${uid} is another one`)
      if (count === BACKLOG / 10) early = process.memoryUsage.rss()
      if (count % 100 === 0) peak = Math.max(peak, process.memoryUsage.rss())
    }
    process.stderr.write(
      `backlog: ${Math.round((count / (performance.now() - began)) * 1_000)} mails/s, RSS ${Math.round(early / 2 ** 20)} MiB after a tenth, at most ${Math.round(peak / 2 ** 20)} MiB\n`,
    )
    expect(count).toBe(BACKLOG)
    expect((peak - early) / 2 ** 20).toBeLessThan(60)
    await session.finish(uids)
  })
})
