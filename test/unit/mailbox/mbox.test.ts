import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMbox, mboxMails } from '../../../src/mailbox/mbox.ts'

const ENVELOPE = 'From tls@sender.example Sun Jan 11 03:00:00 2026\n'

async function split(text: string, { chunk = 10_000, maxBytes = 10_000 } = {}) {
  const bytes = Buffer.from(text, 'latin1')
  const mails = []
  for await (const { bytes: mail, sizeBytes } of mboxMails(chunks(bytes, chunk), maxBytes)) {
    mails.push(mail === null ? sizeBytes : Buffer.from(mail).toString('latin1'))
  }
  return mails
}

async function* chunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('an mbox', () => {
  it.each<[string, string, readonly string[]]>([
    ['with one mail', `${ENVELOPE}A: 1\n\nbody\n\n`, ['A: 1\n\nbody\n']],
    ['with two', `${ENVELOPE}A: 1\n\none\n\n${ENVELOPE}A: 2\n\ntwo\n`, ['A: 1\n\none\n', 'A: 2\n\ntwo\n']],
    [
      'with CRLF',
      `${ENVELOPE.replace('\n', '\r\n')}A: 1\r\n\r\none\r\n\r\n${ENVELOPE}A: 2\n`,
      ['A: 1\r\n\r\none\r\n', 'A: 2\n'],
    ],
    ['without a last line end', `${ENVELOPE}A: 1\n\nbody`, ['A: 1\n\nbody']],
    ['mboxo quoting', `${ENVELOPE}A: 1\n\n>From here on\n`, ['A: 1\n\nFrom here on\n']],
    ['mboxrd quoting', `${ENVELOPE}A: 1\n\n>>From here on\n`, ['A: 1\n\n>From here on\n']],
    ['other quotes', `${ENVELOPE}A: 1\n\n>Fromage\n> From\n`, ['A: 1\n\n>Fromage\n> From\n']],
    [
      '"From " unquoted after a line',
      `${ENVELOPE}A: 1\n\nx\nFrom a@b.example at 12:30\n`,
      ['A: 1\n\nx\nFrom a@b.example at 12:30\n'],
    ],
    [
      '"From " unquoted after an empty line, without a time',
      `${ENVELOPE}A: 1\n\nFrom here on\n`,
      ['A: 1\n\nFrom here on\n'],
    ],
    ['a line from Takeout', 'From 17@xxx Mon Jan 05 00:00:00 +0000 2026\nA: 1\n', ['A: 1\n']],
    ['nothing but envelope lines', `${ENVELOPE}\n${ENVELOPE}`, ['', '']],
    [
      'bytes beyond ASCII',
      `${ENVELOPE}A: 1\n\n\xff\x80>From \xe4\n>From \xe4\n`,
      ['A: 1\n\n\xff\x80>From \xe4\nFrom \xe4\n'],
    ],
  ])('%s', async (_, text, mails) => {
    expect(await split(text)).toEqual(mails)
  })

  it('gives the same however it is cut into pieces', async () => {
    const line = fc.constantFrom(
      '',
      '',
      'text',
      ENVELOPE.trimEnd(),
      '>From x',
      'From x',
      '\r',
      'x'.repeat(1_100),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        async (lines, chunk) => {
          const text = `${ENVELOPE}${lines.join('\n')}`
          expect(await split(text, { chunk })).toEqual(await split(text))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives a mail of the limit whole, and one byte more without its bytes; the next one is not touched', async () => {
    const mail = (length: number) => `${ENVELOPE}${'x'.repeat(length - ENVELOPE.length - 1)}\n`
    const next = `\n${ENVELOPE}A: 2\n`
    for (const [length, expected] of [
      [2_999, 'x'.repeat(2_999 - ENVELOPE.length - 1)],
      [3_000, 'x'.repeat(3_000 - ENVELOPE.length - 1)],
    ] as const) {
      expect(await split(mail(length - 1) + next, { maxBytes: 3_000, chunk: 100 })).toEqual([
        `${expected.slice(1)}\n`,
        'A: 2\n',
      ])
    }
    expect(await split(mail(3_000) + next, { maxBytes: 3_000, chunk: 100 })).toEqual([3_001, 'A: 2\n'])
  })

  it('costs the memory of one mail, not of the file', async () => {
    const mail = Buffer.from(`${ENVELOPE}A: 1\n\n${'0123456789\n'.repeat(20_000)}\n`)
    const before = process.memoryUsage().arrayBuffers
    let mails = 0
    let most = 0
    async function* endless() {
      for (let index = 0; index < 5_000; index++) yield mail
    }
    for await (const _ of mboxMails(endless(), 2 ** 20)) {
      mails += 1
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    expect(mails).toBe(5_000)
    expect(most).toBeLessThan(256 * 2 ** 20)
  })
})

it('an mbox begins with "From "', () => {
  expect([isMbox(Buffer.from('From x')), isMbox(Buffer.from('From: x')), isMbox(Buffer.alloc(0))]).toEqual([
    true,
    false,
    false,
  ])
})
