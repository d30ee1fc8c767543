import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MailTransport } from '../../../src/mail/transport.ts'
import type { ChannelId, NotificationContent } from '../../../src/model/notification.ts'
import { emailNotifier } from '../../../src/notify/email.ts'
import { mailBody } from '../../../src/notify/email-body.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import { tellStory } from '../../../src/notify/story.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { decodeWords, header, readMail } from '../mail/read-mail.ts'
import { MAIL_KINDS, REAL_WORDING } from './mail-kinds.ts'
import { incident, message, step, T0, wording } from './message-builder.ts'
import { messageOf, POISON } from './poison.ts'
import { strictHtml } from './strict-html.ts'

const GOLDEN = join(import.meta.dirname, 'golden')
const NOWHERE: MailTransport = { send: async () => ({ outcome: 'accepted', refused: [] }) }

function bodyOf(told: Message, words: Wording = REAL_WORDING) {
  return mailBody(tellStory(told, words))
}

function rawOf(told: Message, words: Wording = REAL_WORDING): string {
  const parties = { from: 'alerts@example.net' as MailAddress, to: ['a@example.com' as MailAddress] }
  const payload = emailNotifier('mail' as ChannelId, parties, NOWHERE, words).render(told)
  return (JSON.parse(payload) as { raw: string }).raw
}

/** Compares with the file; UPDATE_GOLDEN=1 writes it instead. */
function expectGolden(name: string, text: string): void {
  const file = join(GOLDEN, name)
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(GOLDEN, { recursive: true })
    writeFileSync(file, text)
  }
  expect(existsSync(file), `${name} is missing; make it with UPDATE_GOLDEN=1`).toBe(true)
  expect(text).toBe(readFileSync(file, 'utf8'))
}

describe('every kind of mail', () => {
  test.each(MAIL_KINDS.map(({ name, message: told }) => [name, told] as const))('%s', (name, told) => {
    const { subject, text, html } = bodyOf(told)
    expectGolden(`${name}.txt`, `Subject: ${subject}\n\n${text}`)
    expectGolden(`${name}.html.golden`, html)
  })

  test.each(MAIL_KINDS.map(({ name, message: told }) => [name, told] as const))(
    '%s: strict HTML, nothing remote, what the text says, and small',
    (_, told) => {
      const raw = rawOf(told)
      expect(raw.length).toBeLessThan(40_000)
      const { headers, parts } = readMail(raw)
      expect(decodeWords(header(headers, 'Subject'))).toMatch(
        /^\[(critical|warning|info|resolved|changed|test)\] /,
      )
      const [text, html] = parts.map(({ content }) => content.replaceAll('\r\n', '\n'))
      const seen = strictHtml(html ?? '')
      const squeeze = (value: string) => value.replace(/\s+/g, ' ')
      const story = tellStory(told, REAL_WORDING)
      for (const { kind, text: line } of story.remedy.filter(({ kind }) => kind === 'code')) {
        expect(kind).toBe('code')
        for (const one of line.split('\n')) {
          expect(text?.split('\n')).toContain(`    ${one}`)
          expect(seen.text.split('\n')).toContain(one)
        }
      }
      for (const said of [story.title, story.impact, story.evidence, story.rfc].filter(
        (one) => one !== null,
      )) {
        expect(squeeze(text ?? '')).toContain(squeeze(said))
        expect(squeeze(seen.text)).toContain(squeeze(said))
      }
    },
  )
})

describe('hostile text', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      POISON,
      '</td></table>',
      '<!--[if mso]>',
      '--><script>',
      '"><img src=x onerror=y>',
      "' style='x",
      '&lt;b&gt;',
      '&#60;b&#62;',
      '</style><style>',
      ']]>',
      '\r\nBcc: x@y.example\r\n\r\n',
      '{{7*7}}',
    ),
  )

  test('never becomes markup, whatever says it', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 6 }), (pieces) => {
        const text = pieces.join('')
        const told = messageOf(text)
        const plain = strictHtml(bodyOf(messageOf('x').message, messageOf('x').wording).html)
        const { html } = bodyOf(told.message, told.wording)
        // A line end in a record makes a line of it, and nothing else.
        const tags = strictHtml(html).tags.filter((tag) => tag !== 'br')
        expect(tags).toEqual(plain.tags)
      }),
      { numRuns: 300 },
    )
  })

  test('of a change or a test host stays text as well', () => {
    const change = {
      domain: 'a.example' as DomainName,
      at: T0,
      part: 'mx',
      subject: POISON,
      summary: POISON,
      removed: [POISON],
      added: [POISON, '+'],
      notable: true,
    } as const
    for (const content of [
      { kind: 'changes', domain: change.domain, changes: [change] },
      { kind: 'test', host: POISON, at: T0 },
    ] as const satisfies readonly NotificationContent[]) {
      const { html } = bodyOf(message([content]))
      expect(() => strictHtml(html)).not.toThrow()
      expect(html).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/)
    }
  })
})

describe('no mail is larger than 100 kB', () => {
  const flood = '🔴'.repeat(3_000)

  test('not one with endless texts in four bytes a character', () => {
    const told = messageOf(flood)
    const remedy = Array.from({ length: 50 }, () => ({ kind: 'code', text: flood }) as const)
    const words = wording({ title: flood, seen: flood, impact: flood, remedy, rfc: flood })
    const raw = rawOf(told.message, words)
    expect(raw.length).toBeLessThanOrEqual(100_000)
    const [text] = readMail(raw).parts
    expect(text?.content).toContain('This message was shortened; all of it is shown by')
  })

  test('not one of a thousand steps and incidents', () => {
    const many = Array.from({ length: 1_000 }, (_, n) => incident({ domain: `d${n}.example` }))
    const raw = rawOf(message(many.map((one) => step('opened', one))))
    expect(raw.length).toBeLessThanOrEqual(100_000)
    expect(readMail(raw).parts[0]?.content).toContain('980 earlier steps')
  })

  test('not one of a hundred long changes', () => {
    const change = {
      domain: 'a.example' as DomainName,
      at: T0,
      part: 'sts-policy',
      subject: null,
      summary: flood,
      removed: Array.from({ length: 50 }, () => flood),
      added: [],
      notable: true,
    } as const
    const changes = Array.from({ length: 100 }, () => change)
    const raw = rawOf(message([{ kind: 'changes', domain: change.domain, changes }]))
    expect(raw.length).toBeLessThanOrEqual(100_000)
  })

  test('and an ordinary one is not shortened', () => {
    expect(rawOf(message())).not.toContain('shortened')
  })
})

test('a reminder says so, above everything else', () => {
  const { text, html } = bodyOf(message([step('reminder', incident(), T0 + 3_600_000)]), wording())
  for (const part of [text, html])
    expect(part).toContain('Still so at 2026-11-23 15:05 UTC, after 60 minutes')
})
