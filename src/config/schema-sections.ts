import { z } from 'zod'
import {
  channelList,
  cronLine,
  LATER,
  MIN_CHECK_GAP_MS,
  MIN_SUMMARY_GAP_MS,
  mapping,
  type SchemaContext,
  text,
} from './schema-parts.ts'
import * as values from './watch-values.ts'
import { windowComplaint } from './window-complaint.ts'

/** The sections of watch.yaml about what the monitor does besides looking. */

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
    cron: cronLine(context, MIN_SUMMARY_GAP_MS)
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

/** Sections of later versions: their shape is checked, so that a file written for them is right today. */
export function laterSections(context: SchemaContext) {
  return {
    summary: mapping({
      cron: cronLine(context, MIN_SUMMARY_GAP_MS).prefault('0 7 * * 1').describe('When to send it.'),
      channels: channelList(context).optional().describe('Where to send it.'),
    })
      .optional()
      .describe(`The weekly summary. ${LATER}`),
    reports: mapping({
      submit: z.boolean().default(false).describe('Send our own TLS reports.'),
      canary: z.boolean().default(true).describe('Send a report to yourself now and then, and wait for it.'),
    })
      .optional()
      .describe(`Our own TLS reports. ${LATER}`),
  }
}
