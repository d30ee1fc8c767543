import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildWorld } from '../../../src/lab/build-world.ts'
import { IMAP_HOST } from '../../../src/lab/imap.ts'
import { IMAP_PASSWORD, IMAP_TOKEN, IMAP_USER } from '../../../src/lab/imap-login.ts'
import { parseImapCommand, parseSequenceSet } from '../../../src/lab/imap-syntax.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'

let lab: Lab

beforeEach(async () => {
  lab = await startLab(buildWorld())
})
afterEach(() => lab[Symbol.asyncDispose]())

const AT = Date.UTC(2026, 10, 3, 4, 5, 6)

/** A client that sends what it is told and gives everything that came until a line begins with `end`. */
class Client {
  readonly #socket: Socket
  #text = ''

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    // The lab ends by reset.
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.#text += chunk
    })
  }

  async until(end: string): Promise<string> {
    const line = new RegExp(`(?:^|\r\n)${RegExp.escape(end)}[^\r\n]*\r\n`)
    for (;;) {
      const match = line.exec(this.#text)
      if (match !== null) {
        const cut = match.index + match[0].length
        const answer = this.#text.slice(0, cut)
        this.#text = this.#text.slice(cut)
        return answer
      }
      await once(this.#socket, 'data')
    }
  }

  ask(command: string): Promise<string> {
    this.#socket.write(`a ${command}\r\n`)
    return this.until('a ')
  }

  say(line: string): void {
    this.#socket.write(`${line}\r\n`)
  }
}

async function loggedIn(): Promise<Client> {
  const socket = connectTls({ host: IMAP_HOST, port: lab.imap.tlsPort, ca: lab.caPem })
  const client = new Client(socket)
  await client.until('* OK')
  expect(await client.ask(`LOGIN "${IMAP_USER}" "${IMAP_PASSWORD}"`)).toBe('a OK Done\r\n')
  return client
}

test('mails are selected, searched, fetched, marked, moved and expunged', async () => {
  lab.imap.arrive('hello', AT)
  lab.imap.arrive('world', AT + 86_400_000)
  const client = await loggedIn()
  expect(await client.ask('SELECT inbox')).toMatch(
    /\* 2 EXISTS\r\n.*UIDVALIDITY 17\d+.*UIDNEXT 3.*READ-WRITE/s,
  )
  expect(await client.ask('UID SEARCH SINCE 4-Nov-2026')).toContain('* SEARCH 2\r\n')
  expect(await client.ask('UID SEARCH 1:* UID 1')).toContain('* SEARCH 1\r\n')
  expect(await client.ask('UID FETCH 1 (INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[]<1.3>)')).toBe(
    '* 1 FETCH (UID 1 INTERNALDATE " 3-Nov-2026 04:05:06 +0000" RFC822.SIZE 5 FLAGS () BODY[]<1> {3}\r\nell)\r\na OK Done\r\n',
  )
  await client.ask('UID FETCH 2 BODY[]')
  expect([...(lab.imap.folder('INBOX').mails[1]?.flags ?? [])]).toEqual(['\\Seen'])
  expect(await client.ask('UID STORE 1 +FLAGS ($x \\Deleted)')).toContain(
    '* 1 FETCH (UID 1 FLAGS ($x \\Deleted))',
  )
  expect(await client.ask('UID MOVE 2 Other')).toMatch(/^a NO \[TRYCREATE\]/)
  expect(await client.ask('CREATE Other')).toBe('a OK Done\r\n')
  expect(await client.ask('UID MOVE 2 Other')).toMatch(/COPYUID \d+ 2 1\].*\* 2 EXPUNGE\r\na OK/s)
  expect(await client.ask('EXPUNGE')).toBe('* 1 EXPUNGE\r\na OK Done\r\n')
  expect(await client.ask('LIST "" "*"')).toBe(
    '* LIST () "/" "INBOX"\r\n* LIST () "/" "Other"\r\na OK Done\r\n',
  )
})

test('who idles hears of every mail that comes and goes; who does not, at the next command', async () => {
  const client = await loggedIn()
  await client.ask('SELECT INBOX')
  client.say('b IDLE')
  await client.until('+ ')
  lab.imap.arrive('one')
  expect(await client.until('* 1 EXISTS')).toBe('* 1 EXISTS\r\n')
  lab.imap.expunge([1])
  expect(await client.until('* 1 EXPUNGE')).toBe('* 1 EXPUNGE\r\n')
  client.say('DONE')
  expect(await client.until('b ')).toBe('b OK Done\r\n')
  lab.imap.arrive('two')
  expect(await client.ask('NOOP')).toBe('* 1 EXISTS\r\na OK Done\r\n')
})

test('before TLS nobody can log in, and what is said is written down', async () => {
  const socket = connect({ host: IMAP_HOST, port: lab.imap.port })
  const client = new Client(socket)
  await client.until('* OK')
  expect(await client.ask('CAPABILITY')).toContain('STARTTLS LOGINDISABLED')
  expect(await client.ask('SELECT INBOX')).toMatch(/^a BAD/)
  expect(await client.ask('STARTTLS')).toMatch(/^a OK/)
  socket.removeAllListeners('data')
  const within = new Client(connectTls({ socket, servername: IMAP_HOST, ca: lab.caPem }))
  const token = Buffer.from(`user=${IMAP_USER}\x01auth=Bearer ${IMAP_TOKEN}\x01\x01`).toString('base64')
  expect(await within.ask(`AUTHENTICATE XOAUTH2 ${token}`)).toBe('a OK Done\r\n')
  expect(lab.imap.entries[0]?.commands.map(({ secured }) => secured)).toEqual([false, false, false, true])
})

test('trouble lasts as many connections as the world says', async () => {
  lab.change((world) => ({
    ...world,
    imap: { mode: { at: 'greeting', does: 'bye' }, lacks: [], connections: 1 },
  }))
  const greeting = () =>
    new Client(connectTls({ host: IMAP_HOST, port: lab.imap.tlsPort, ca: lab.caPem })).until('* ')
  expect(await greeting()).toMatch(/^\* BYE/)
  expect(await greeting()).toMatch(/^\* OK/)
})

test('a folder that is made anew has another UIDVALIDITY', () => {
  const before = lab.imap.folder('INBOX').uidValidity
  expect(lab.imap.recreate('INBOX').uidValidity).not.toBe(before)
})

describe('the syntax', () => {
  test.each([
    ['a NOOP', { tag: 'a', name: 'NOOP', args: [] }],
    [
      'a uid fetch 1:2 (UID BODY.PEEK[]<0.5>)',
      { tag: 'a', name: 'UID FETCH', args: ['1:2', ['UID', 'BODY.PEEK[]<0.5>']] },
    ],
    ['a LOGIN "x\\"y" {3}\r\na b', { tag: 'a', name: 'LOGIN', args: ['x"y', 'a b'] }],
    ['a X ((a) ())', { tag: 'a', name: 'X', args: [[['a'], []]] }],
    ['a X (', null],
    ['a X )', null],
    ['', null],
  ])('%j', (text, command) => {
    expect(parseImapCommand(text)).toEqual(command)
  })

  test.each([
    ['1:3,5', [1, 2, 3, 5]],
    ['3:1', [1, 2, 3]],
    ['5:*', [5, 6]],
    ['9:*', [6]],
    ['*', [6]],
  ])('%s of six', (set, members) => {
    const has = parseSequenceSet(set, 6)
    expect([1, 2, 3, 4, 5, 6].filter((value) => has?.(value))).toEqual(members)
  })

  test.each(['', 'a', '1:', '1,,2', '1:2:3'])('"%s" is no set', (set) => {
    expect(parseSequenceSet(set, 6)).toBeNull()
  })
})
