import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { announceSummary } from '../../../src/announce/announce-summary.ts'
import { weeklySummary } from '../../../src/announce/weekly-summary.ts'
import { Secret } from '../../../src/lib/secret.ts'
import type { MailTransport } from '../../../src/mail/transport.ts'
import type { ChannelId } from '../../../src/model/notification.ts'
import type { WeeklySummary } from '../../../src/model/weekly-summary.ts'
import { consoleNotifier } from '../../../src/notify/console.ts'
import { emailNotifier } from '../../../src/notify/email.ts'
import { rootMessage } from '../../../src/notify/slack-blocks.ts'
import { tellStory } from '../../../src/notify/story.ts'
import { summaryHtml } from '../../../src/notify/summary-html.ts'
import { summaryPage } from '../../../src/notify/summary-mail.ts'
import { type PictureName, SHORT, summaryStory, WHOLE } from '../../../src/notify/summary-story.ts'
import { summaryText } from '../../../src/notify/summary-text.ts'
import { webhookNotifier } from '../../../src/notify/webhook.ts'
import type { MailAddress } from '../../../src/protocol/mail-address.ts'
import { readCsv } from '../lib/read-csv.ts'
import { decodeWords, header, readMail } from '../mail/read-mail.ts'
import { expectGolden } from './golden-file.ts'
import { REAL_WORDING } from './mail-kinds.ts'
import { POISON } from './poison.ts'
import { strictHtml } from './strict-html.ts'
import {
  AT,
  changeOf,
  incidentOf,
  manyInput,
  name,
  quietInput,
  reportedBy,
  SUMMARY_KINDS,
} from './summary-kinds.ts'

const NOWHERE: MailTransport = { send: async () => ({ outcome: 'accepted', refused: [], note: '' }) }
const PICTURES = new Map<PictureName, string>([
  ['sessions', 'sessions.k@example.net'],
  ['certificates', 'certificates.k@example.net'],
])
const KINDS = SUMMARY_KINDS.map(({ name: kind, summary }) => [kind, summary] as const)

function notificationOf(summary: WeeklySummary) {
  const [told] = announceSummary(summary, [{ channel: 'mail' as ChannelId, to: 'a@example.com' }], {
    by: 'schedule',
  })
  if (told === undefined) throw new Error('nothing told')
  return { notifications: [told], threadIncidents: [], threadReference: null, acknowledgements: [] }
}

function rawOf(summary: WeeklySummary): string {
  const parties = { from: 'alerts@example.net' as MailAddress, to: ['a@example.com' as MailAddress] }
  const payload = emailNotifier('mail' as ChannelId, parties, NOWHERE, REAL_WORDING).render(
    notificationOf(summary),
  )
  return (JSON.parse(payload) as { raw: string }).raw
}

describe('every kind of summary', () => {
  test.each(KINDS)('%s', (kind, summary) => {
    const story = summaryStory(summary)
    expectGolden(`summary-${kind}.txt`, `Subject: ${story.subject}\n\n${summaryText(story)}`)
    expectGolden(`summary-${kind}.html.golden`, summaryHtml(story, PICTURES))
    const { text, blocks } = rootMessage(tellStory(notificationOf(summary), REAL_WORDING), 'thr_1')
    expectGolden(`summary-${kind}.slack.json`, `${JSON.stringify({ text, blocks }, null, 2)}\n`)
  })

  test.each(KINDS)('%s: strict HTML that says what the text says', (_, summary) => {
    const story = summaryStory(summary)
    const seen = strictHtml(summaryHtml(story, PICTURES)).text.replace(/\s+/g, ' ')
    const text = summaryText(story).replace(/\s+/g, ' ')
    for (const { label, pieces } of story.sections) {
      for (const said of [label, ...pieces.flatMap(textsOf)]) {
        expect(seen).toContain(said.replace(/\s+/g, ' '))
        expect(text).toContain(said.replace(/\s+/g, ' '))
      }
    }
  })

  test.each(KINDS)('%s: one mail, within its limit, whose parts fit together', (_, summary) => {
    const raw = rawOf(summary)
    const { headers, parts } = readMail(raw)
    expect(decodeWords(header(headers, 'Subject'))).toBe(summaryStory(summary).subject)
    expect(header(headers, 'List-Id')).toContain('stswatch summaries')
    expect(header(headers, 'Auto-Submitted')).toBe('auto-generated')
    const [text, html, ...files] = parts
    expect(text?.type).toMatch(/^text\/plain/)
    const ids = [...(html?.content ?? '').matchAll(/src="cid:([^"]+)"/g)].map(([, id]) => id ?? '')
    const images = files.filter(({ type }) => type === 'image/png')
    expect(images).toHaveLength(ids.length)
    for (const id of ids) expect(raw).toContain(`Content-ID: <${id}>`)
    for (const { content } of images) expect(content.slice(1, 4)).toBe('PNG')
    const csv = files.filter(({ type }) => type.startsWith('text/csv'))
    expect(csv).toHaveLength(1)
    expect(raw.length - base64Length(csv[0]?.content ?? '')).toBeLessThanOrEqual(200_000)
    expect(readCsv(csv[0]?.content ?? '')).toHaveLength(summary.domains.length + 1)
  })

  test.each(KINDS)('%s: a page that needs no other file', (_, summary) => {
    const page = summaryPage(summary)
    expect(page).not.toMatch(/cid:|https?:\/\/(?!e\.test)/)
    for (const [, source] of page.matchAll(/ src="([^"]*)"/g))
      expect(source).toMatch(/^data:image\/png;base64,[\w+/=]+$/)
  })

  test.each(KINDS)('%s: in Slack it is three to six lines', (_, summary) => {
    const { members, headline } = tellStory(notificationOf(summary), REAL_WORDING)
    // Below the headline: the dates, then these.
    const lines = 1 + members.length
    expect(lines).toBeGreaterThanOrEqual(2)
    expect(lines).toBeLessThanOrEqual(6)
    expect(headline).toBe(summaryStory(summary).subject)
  })
})

function textsOf(
  piece: ReturnType<typeof summaryStory>['sections'][number]['pieces'][number],
): readonly string[] {
  switch (piece.kind) {
    case 'prose':
      return [piece.text]
    case 'quiet':
      return piece.lines
    case 'rows':
      return piece.rows.flatMap(({ left, right, below }) => [left, right, below])
    case 'picture':
      return []
  }
}

function base64Length(text: string): number {
  const characters = 4 * Math.ceil(Buffer.byteLength(text) / 3)
  return characters + 2 * Math.ceil(characters / 76)
}

describe('for people', () => {
  test('the terminal and a webhook have it too', async () => {
    const summary = SUMMARY_KINDS[1]?.summary
    if (summary === undefined) throw new Error('no such kind')
    const told = notificationOf(summary)
    const block = consoleNotifier('console' as ChannelId, REAL_WORDING, {
      write: () => {},
      colour: false,
    }).render(told)
    expect(block).toContain('stswatch, week 2026-W47: 4 of 14 domains need hands')
    const target = {
      url: new Secret('https://hooks.example/x'),
      signingKey: null,
      format: 'json' as const,
      timeoutMs: 1_000,
    }
    const body = JSON.parse(webhookNotifier('hook' as ChannelId, target, REAL_WORDING).render(told))
    expect(body).toMatchObject({
      label: 'summary',
      events: [
        {
          kind: 'summary',
          period: {
            name: '2026-W47',
            startAt: '2026-11-15T23:00:00.000Z',
            endAt: '2026-11-22T23:00:00.000Z',
          },
          domains: { watched: 14, needHands: 4, undecided: 0, well: 10 },
          incidents: { opened: 5, resolved: 3, open: 3 },
          due: 2,
          sessions: { reported: 12_980, failed: 120 },
          monitor: {
            blindMinutes: { smtp: 12 },
            downMinutes: 26,
            undelivered: { givenUp: 1, waiting: 2 },
            canaries: { sent: 7, arrived: 6 },
            ownReports: { sent: 96, waiting: 0, givenUp: 1, leftOut: 1 },
          },
        },
      ],
    })
  })

  test('one a period and recipient by schedule, each time by hand', () => {
    const summary = weeklySummary(quietInput(['example.com']))
    const later = { ...summary, at: summary.at + 1 }
    const to = [
      { channel: 'a' as ChannelId, to: 'x@example.com' },
      { channel: 'b' as ChannelId, to: 'x@example.com' },
    ]
    const keys = (one: WeeklySummary, occasion: Parameters<typeof announceSummary>[2]) =>
      announceSummary(one, to, occasion).map(({ dedupeKey }) => dedupeKey)
    expect(new Set(keys(summary, { by: 'schedule' })).size).toBe(2)
    expect(keys(later, { by: 'schedule' })).toEqual(keys(summary, { by: 'schedule' }))
    expect(keys(summary, { by: 'hand', at: 1 })).not.toEqual(keys(summary, { by: 'hand', at: 2 }))
  })
})

describe('size', () => {
  test('ten thousand domains with the longest words are within 200 kB besides the table', () => {
    const many = manyInput(10_000)
    const long = (index: number) => `${'ü'.repeat(20)}${index} ${POISON}`
    const changes = many.domains
      .slice(0, 300)
      .map((domain, index) => changeOf(domain, 1, long(index).repeat(5)))
    const raw = rawOf(weeklySummary({ ...many, changes }))
    const csv = readMail(raw).parts.find(({ type }) => type.startsWith('text/csv'))?.content ?? ''
    expect(readCsv(csv)).toHaveLength(10_001)
    expect(raw.length - base64Length(csv)).toBeLessThanOrEqual(200_000)
  })

  test('what is left out is counted', () => {
    const summary = weeklySummary(manyInput(1_000))
    for (const measure of [WHOLE, SHORT]) {
      const text = summaryText(summaryStory(summary, measure)).replace(/\s+/g, ' ')
      expect(text).toContain('All 1,000 are in the attached domains.csv.')
      expect(text).toContain('707 domains are well.')
    }
  })
})

describe('hostile text', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      POISON,
      '</td></table>',
      '<!--[if mso]>',
      '--><script>',
      '"><img src=x>',
      "' style='x",
      '&lt;',
      '\r\n.\r\n',
      '\ufffe',
    ),
  )

  function summaryWith(text: string): WeeklySummary {
    const quiet = quietInput(['example.com', 'example.net'])
    const base = incidentOf({ code: 'mta-sts.policy.pattern-unused', domain: name('example.com') })
    const latest = {
      ...base.latest,
      severity: 'warning',
      evidence: { pattern: text, mx: [] },
    } as typeof base.latest
    const [first] = quiet.certificates
    if (first === undefined) throw new Error('no certificate')
    return weeklySummary({
      ...quiet,
      incidents: [{ ...base, latest }],
      changes: [changeOf(name('example.net'), 1, text)],
      certificates: [...quiet.certificates, { ...first, host: text, notAfterAt: AT + 86_400_000 }],
      reported: {
        ...reportedBy([['google.com', 100]], 5),
        failures: [{ reporter: name('google.com'), resultType: text, sessions: 5 }],
      },
    })
  }

  test('never becomes markup', () => {
    const plain = strictHtml(summaryHtml(summaryStory(summaryWith('x')), PICTURES)).tags
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 5 }), (texts) => {
        const html = summaryHtml(summaryStory(summaryWith(texts.join(''))), PICTURES)
        expect(strictHtml(html).tags).toEqual(plain)
      }),
      { numRuns: 200 },
    )
  })

  test('never breaks a mail, a picture or the table', () => {
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 5 }), (texts) => {
        const { parts } = readMail(rawOf(summaryWith(texts.join(''))))
        expect(parts.map(({ type }) => type.split(';')[0])).toEqual([
          'text/plain',
          'text/html',
          'image/png',
          'image/png',
          'text/csv',
        ])
      }),
      { numRuns: 12 },
    )
  })
})
