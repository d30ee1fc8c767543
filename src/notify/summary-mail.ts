import type { InlineImage, MailAttachment } from '../mail/mail-part.ts'
import type { WeeklySummary } from '../model/weekly-summary.ts'
import { chartPng } from './chart-png.ts'
import { certificateChart, sessionChart } from './chart-svg.ts'
import { summaryCsv } from './summary-csv.ts'
import { summaryHtml } from './summary-html.ts'
import { type PictureName, SHORT, type SummaryMeasure, summaryStory, WHOLE } from './summary-story.ts'
import { summaryText } from './summary-text.ts'

/** What a summary's mail is made of. */
export interface SummaryMail {
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly images: readonly InlineImage[]
  readonly attachments: readonly MailAttachment[]
}

/** `key` makes the content ids unique, `host` is the sender's domain. The whole first, then a shorter one for a mail that has a limit. */
export function* summaryMails(summary: WeeklySummary, key: string, host: string): Generator<SummaryMail> {
  const images = summaryImages(summary, key, host)
  const attachments = [csvAttachment(summary)]
  for (const measure of [WHOLE, SHORT]) yield { ...bodies(summary, measure, images), images, attachments }
}

/** The text part alone, for a terminal. */
export function summaryAsText(summary: WeeklySummary): string {
  return summaryText(summaryStory(summary))
}

/** One file that needs no other: the HTML of the mail with its pictures in it. */
export function summaryPage(summary: WeeklySummary): string {
  const images = summaryImages(summary, 'page', 'stswatch.invalid')
  const { html } = bodies(summary, WHOLE, images)
  return images.reduce((page, { contentId, bytes }) => {
    const data = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`
    return page.replaceAll(`src="cid:${contentId}"`, () => `src="${data}"`)
  }, html)
}

function bodies(summary: WeeklySummary, measure: SummaryMeasure, images: readonly Picture[]) {
  const story = summaryStory(summary, measure)
  const contentIds = new Map(images.map(({ name, contentId }) => [name, contentId]))
  return { subject: story.subject, text: summaryText(story), html: summaryHtml(story, contentIds) }
}

type Picture = InlineImage & { readonly name: PictureName }

function summaryImages(summary: WeeklySummary, key: string, host: string): readonly Picture[] {
  const { reports, certificates } = summary
  const charts: readonly (readonly [PictureName, string])[] = [
    ...(certificates.total === 0 ? [] : [['certificates', certificateChart(summary)] as const]),
    ...(reports === null ? [] : [['sessions', sessionChart(reports.days)] as const]),
  ]
  return charts.flatMap(([name, svg]) => {
    const bytes = chartPng(svg)
    if (bytes === null) return []
    const contentId = `${name}.${key.slice(0, 32)}@${host}`
    return [{ name, contentId, mediaType: 'image/png' as const, fileName: `${name}.png`, bytes }]
  })
}

function csvAttachment(summary: WeeklySummary): MailAttachment {
  return {
    mediaType: 'text/csv; charset=utf-8',
    fileName: 'domains.csv',
    bytes: new TextEncoder().encode(summaryCsv(summary)),
  }
}
