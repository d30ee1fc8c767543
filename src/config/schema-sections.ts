import { z } from 'zod'
import { MINUTE_MS } from '../lib/time.ts'
import { channelList, cronLine, MIN_CHECK_GAP_MS, mapping, type SchemaContext, text } from './schema-parts.ts'
import * as values from './watch-values.ts'
import { windowComplaint } from './window-complaint.ts'

/** The sections of watch.yaml about what the monitor does besides looking. */

const MIN_WINDOW_GAP_MS = 60 * MINUTE_MS
const MAX_SUMMARIES = 10
/** Once a day, also on the day that is an hour shorter. */
const MIN_SUMMARY_GAP_MS = 23 * 60 * MINUTE_MS

/** `mailbox`: where TLS reports come from. */
export function mailbox(context: SchemaContext) {
  return mapping({
    folder: text(values.folderName).prefault('INBOX').describe('Where TLS reports arrive.'),
    after_reading: text(values.afterReading)
      .prefault('flag')
      .describe(
        'What becomes of a mail that was read: `flag` (the keyword `$BotProcessed`), `move:FOLDER` or `leave`.',
      ),
    check: cronLine(context, MIN_CHECK_GAP_MS)
      .prefault('*/10 * * * *')
      .describe('When to read: a cron line with five fields in `timezone`, at most every five minutes.'),
    idle: z.boolean().default(true).describe('Read new mail at once where the server has IDLE.'),
    trust_authserv_id: text(values.authservId)
      .optional()
      .describe(
        'The authserv-id of your own border server: its Authentication-Results is believed. By default nobody is.',
      ),
    keep_raw_days: z
      .int()
      .min(0)
      .max(400)
      .default(30)
      .describe('How many days the raw bytes of a report are kept.'),
  })
    .superRefine(({ folder, after_reading }, check) => {
      const complaint = values.movedElsewhere(folder, after_reading)
      if (complaint === null) return
      const params = { ...complaint }
      check.addIssue({ code: 'custom', path: ['after_reading'], message: complaint.allowed, params })
    })
    .optional()
    .describe('The mailbox of TLS reports; needs IMAP_URL. Without this section none is read.')
}

/** One entry of `maintenance`. */
export function maintenance(context: SchemaContext) {
  const moment = text(values.moment(context.timezone)).optional()
  return mapping({
    name: text(values.tag).describe('What it is called in messages.'),
    domains: z
      .array(text(values.watchedDomain(context.domains)))
      .default([])
      .describe('Domains it is about; with neither domains nor tags: all.'),
    tags: z
      .array(text(values.usedTag(context.tags)))
      .default([])
      .describe('Tags of the domains it is about.'),
    cron: cronLine(context, MIN_WINDOW_GAP_MS)
      .optional()
      .describe('When it begins, again and again: a cron line in `timezone`.'),
    duration: text(values.windowDuration).optional().describe('With `cron`: how long, such as `2h`.'),
    from: moment.describe('Once: its beginning, such as `2026-12-01T20:00` in `timezone`.'),
    until: moment.describe('With `from`: its end.'),
    expect: z
      .array(text(values.codePattern))
      .default([])
      .describe(
        'Finding codes that are expected, or beginnings such as `mx.certificate.*`; others are told as always. Empty: whatever is found is expected.',
      ),
  }).superRefine((window, check) => {
    const complaint = windowComplaint(window, context.timezone)
    if (complaint === null) return
    const { key, ...params } = complaint
    check.addIssue({ code: 'custom', path: [key], message: params.allowed, params })
  })
}

/** `summary`: how things stand, told whether something happened or not. */
export function summary(context: SchemaContext) {
  const one = mapping({
    cron: cronLine(context, MIN_SUMMARY_GAP_MS)
      .prefault('0 7 * * 1')
      .describe(
        'When to send it, at most once a day. It is about the days since the time before: a week, a day or a month.',
      ),
    channels: channelList(context)
      .optional()
      .describe(
        'Where to send it, whatever their `min_severity`; by default to all e-mail channels, or to all if there is none.',
      ),
  })
  const forms = {
    mapping: () => one,
    list: () => z.array(one).min(1).max(MAX_SUMMARIES),
    either: () => z.union([one, z.array(one).min(1).max(MAX_SUMMARIES)]),
  }
  return forms[context.summaryForm]()
    .optional()
    .describe(
      'A summary of how things stand, sent whether something happened or not; a list for several. Without this section none is sent.',
    )
}
