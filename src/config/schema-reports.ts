import { z } from 'zod'
import { parseDuration } from '../lib/duration.ts'
import { HOUR_MS } from '../lib/time.ts'
import { cronLine, mapping, type SchemaContext, text } from './schema-parts.ts'
import * as values from './watch-values.ts'

const MIN_CANARY_GAP_MS = HOUR_MS

/** `reports`: our own TLS reports about what the looks saw, and those to ourselves (RFC 8460). */
export function reports(context: SchemaContext) {
  return mapping({ ...sending(), ...canaries(context) })
    .superRefine(({ canary_slow_after, canary_missing_after }, check) => {
      const slowMs = parseDuration(canary_slow_after)
      const missingMs = parseDuration(canary_missing_after)
      // What cannot be read is told by itself.
      if (slowMs === null || missingMs === null || slowMs < missingMs) return
      const params = values.wanted('a duration longer than `canary_slow_after`')
      check.addIssue({
        code: 'custom',
        path: ['canary_missing_after'],
        message: params.allowed,
        params: { ...params },
      })
    })
    .prefault({})
    .describe('Our own TLS reports.')
}

function sending() {
  return {
    submit: z
      .boolean()
      .default(false)
      .describe(
        'Send TLS reports about the watched domains to their `rua`, as a sending mail server does; needs MAIL_FROM and a DKIM key for reports. A domain can say otherwise with `submit_reports`.',
      ),
    delivery: z
      .enum(['smtp', 'direct'])
      .default('smtp')
      .describe(
        'How mailed reports go out: `smtp` through the server of SMTP_URL, `direct` straight to the mail hosts of the recipient (port 25).',
      ),
    https_certificates: z
      .enum(['verify', 'ignore'])
      .default('verify')
      .describe(
        'Whether an `https:` address must show a valid certificate; RFC 8460 allows to report in spite of it.',
      ),
    organization: text(values.organization)
      .optional()
      .describe('Who reports, in a few words; by default the domain of MAIL_FROM.'),
  }
}

function canaries(context: SchemaContext) {
  return {
    canary: z
      .boolean()
      .default(false)
      .describe(
        'Send a report to yourself now and then, to each address for TLS reports that is yours, and wait for it in the mailbox; needs what `submit` needs, and `mailbox`.',
      ),
    canary_addresses: z
      .array(text(values.reportAddress))
      .min(1)
      .optional()
      .describe(
        'Which published addresses are yours. Without it: those in a domain that is watched, or in that of the mailbox.',
      ),
    canary_check: cronLine(context, MIN_CANARY_GAP_MS)
      .prefault('23 5 * * *')
      .describe('When to send it: a cron line in `timezone`, at most every hour.'),
    canary_slow_after: text(values.windowDuration)
      .prefault('1h')
      .describe('On its way for longer than this it is told as slow.'),
    canary_missing_after: text(values.windowDuration)
      .prefault('4h')
      .describe('Not arrived after so long it is told as missing.'),
  }
}
