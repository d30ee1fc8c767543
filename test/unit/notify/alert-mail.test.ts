import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MailTransport } from '../../../src/mail/transport.ts'
import type { Incident, IncidentId, ThreadId } from '../../../src/model/incident.ts'
import type { ChannelId, NotificationContent } from '../../../src/model/notification.ts'
import { emailNotifier } from '../../../src/notify/email.ts'
import { mailBody } from '../../../src/notify/email-body.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import { tellStory } from '../../../src/notify/story.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { decodeWords, header, readMail } from '../mail/read-mail.ts'
import { expectGolden } from './golden-file.ts'
import { MAIL_KINDS, REAL_WORDING } from './mail-kinds.ts'
import { incident, message, notification, step, T0, wording } from './message-builder.ts'
import { digestOf, messageOf, POISON, reminderOf } from './poison.ts'
import { strictHtml } from './strict-html.ts'

const NOWHERE: MailTransport = { send: async () => ({ outcome: 'accepted', refused: [], note: '' }) }

function bodyOf(told: Message, words: Wording = REAL_WORDING) {
  return mailBody(tellStory(told, words))
}

function rawOf(told: Message, words: Wording = REAL_WORDING): string {
  const parties = { from: 'alerts@example.net' as MailAddress, to: ['a@example.com' as MailAddress] }
  const payload = emailNotifier('mail' as ChannelId, parties, NOWHERE, words).render(told)
  return (JSON.parse(payload) as { raw: string }).raw
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
        /^\[(critical|critical, reminder|warning|info|resolved|changed|test)\] /,
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

  test.each([
    ['an alert', messageOf],
    ['a reminder', reminderOf],
    ['a digest', digestOf],
  ] as const)('never becomes markup in %s', (_, made) => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 6 }), (pieces) => {
        const text = pieces.join('')
        const told = made(text)
        const plain = strictHtml(bodyOf(made('x').message, made('x').wording).html)
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
      settles: null,
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

  test('not a digest of a thousand conversations with endless texts', () => {
    const told = digestOf(flood)
    const notifications = Array.from({ length: 1_000 }, (_, n) =>
      notification(step('opened', incident({ domain: `d${n}.example`, subject: flood })), {
        thread: `thr_${n}` as ThreadId,
        held: flood,
      }),
    )
    const raw = rawOf({ ...told.message, notifications, threadIncidents: [] }, told.wording)
    expect(raw.length).toBeLessThanOrEqual(100_000)
    expect(readMail(raw).parts[0]?.content).toContain('1000 incidents at 1000 domains')
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
      settles: null,
    } as const
    const changes = Array.from({ length: 100 }, () => change)
    const raw = rawOf(message([{ kind: 'changes', domain: change.domain, changes }]))
    expect(raw.length).toBeLessThanOrEqual(100_000)
  })

  test('and an ordinary one is not shortened', () => {
    expect(rawOf(message())).not.toContain('shortened')
  })
})

test('of several incidents a mail says which one is new', () => {
  const [a, b] = ['a.example', 'b.example'].map((domain) => incident({ domain })) as [Incident, Incident]
  const told = { ...message([step('opened', b, T0)]), threadIncidents: [a, b] }
  for (const part of [bodyOf(told, wording()).text, bodyOf(told, wording()).html]) {
    expect(part).toContain('Opened 2026-11-23 14:05 UTC: b.example')
  }
})

test('a reminder says so in the subject as well, unless it has news', () => {
  const reminder = step('reminder', incident(), T0 + 3_600_000)
  expect(bodyOf(message([reminder])).subject).toMatch(/^\[critical, reminder\] /)
  expect(bodyOf(message([step('opened'), reminder])).subject).toMatch(/^\[critical\] /)
})

test('a digest of our own troubles counts no domain that there is not', () => {
  const digest = (...domains: readonly (string | null)[]) => {
    const told = domains.map((domain, n) => ({ ...incident({ domain }), id: `inc_${n}` as IncidentId }))
    return bodyOf({
      ...message([]),
      notifications: told.map((one, n) =>
        notification(step('opened', one), { thread: `thr_${n}` as ThreadId }),
      ),
      threadIncidents: told,
    }).subject
  }
  expect(digest(null, null)).toBe('[critical] 2 incidents of the monitor itself')
  expect(digest('a.example', null)).toBe('[critical] 2 incidents at 1 domain and of the monitor itself')
  expect(digest('a.example', 'a.example')).toBe('[critical] 2 incidents at 1 domain')
})

test('a reminder says so, above everything else', () => {
  const { text, html } = bodyOf(message([step('reminder', incident(), T0 + 3_600_000)]), wording())
  for (const part of [text, html])
    expect(part).toContain('Reminder at 2026-11-23 15:05 UTC, open since 2026-11-23 14:05 UTC')
})
