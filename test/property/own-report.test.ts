import { createPublicKey } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../../src/lib/time.ts'
import { mailSigner } from '../../src/mail/mail-signer.ts'
import { readReports } from '../../src/mailbox/read-reports.ts'
import type { Submission, SubmissionId } from '../../src/model/submission.ts'
import type { MailAddress } from '../../src/protocol/mail-address.ts'
import { readTlsReports, type TlsReport } from '../../src/protocol/tlsrpt/report.ts'
import { formatTlsReport } from '../../src/protocol/tlsrpt/report-format.ts'
import { dailyReport } from '../../src/submit/daily-report.ts'
import { reportIdOf } from '../../src/submit/report-identity.ts'
import { reportMail } from '../../src/submit/send-report.ts'
import { dkimKey, rsaPem } from '../unit/mail/dkim-keys.ts'
import { readMail } from '../unit/mail/read-mail.ts'
import { MAIL_RULES, SIGNATURE_RULES } from '../unit/submit/receiver-mail-rules.ts'
import {
  type ArrivedReport,
  REPORT_RULES,
  type ReceiverRule,
  type Tags,
} from '../unit/submit/receiver-rules.ts'
import { type OwnDay, ownDay } from './own-day.ts'

function made({ day: about, author, submitter, sessions: counted }: OwnDay): TlsReport {
  const report = dailyReport(counted, about, author, reportIdOf(about, submitter))
  if (report === null) throw new Error('no report')
  return report
}

function mailOf({ day: about, author, submitter }: OwnDay, report: TlsReport, text: string): string {
  const submission: Submission = {
    ...about,
    id: 'sub_1' as SubmissionId,
    rua: 'mailto:tlsrpt@receiver.example',
    reportId: report.reportId ?? '',
    report: text,
    createdAt: about.dayAt + DAY_MS,
    notBefore: about.dayAt + DAY_MS,
  }
  return reportMail(submission, 'tlsrpt@receiver.example' as MailAddress, gzipSync(text), {
    author,
    submitter,
  })
}

function arrived(text: string, raw: string, dkim: ArrivedReport['dkim'] = null): ArrivedReport {
  const { headers, parts } = readMail(raw)
  const fileName = /filename="([^"]+)"/.exec(raw)?.[1] ?? ''
  return { json: text, fileName, headers, parts: parts.map(({ type }) => type), dkim }
}

function complaints(rules: readonly ReceiverRule[], report: ArrivedReport): readonly string[] {
  return rules.flatMap((rule) => {
    const complaint = rule(report)
    return complaint === null ? [] : [`${rule.name}: ${complaint}`]
  })
}

function tagsOf(value: string): Tags {
  const tags = value.split(';').flatMap((tag) => /^\s*([a-z]+)\s*=\s*(.*?)\s*$/.exec(tag) ?? [])
  return Object.fromEntries(
    tags.flatMap((_, n) => (n % 3 === 0 ? [[tags[n + 1] ?? '', tags[n + 2] ?? '']] : [])),
  )
}

function publicKey(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64')
}

/** The words of `toEqual`, for what is worth them: it takes long. */
function expectSame(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found).toEqual(wanted)
}

/** The sums, by no way that the report takes. */
function expectCounted({ sessions }: OwnDay, { policies }: TlsReport): void {
  const [told, counted] = [new Map<string, number>(), new Map<string, number>()]
  const add = (sums: Map<string, number>, what: string, many: number) =>
    sums.set(what, (sums.get(what) ?? 0) + many)
  for (const { failures, sessions: many } of sessions) {
    add(counted, failures.length === 0 ? 'good' : 'bad', many)
    for (const { resultType } of failures) add(counted, resultType, many)
  }
  for (const { successfulSessions, failedSessions, failureDetails } of policies) {
    if (successfulSessions > 0) add(told, 'good', successfulSessions)
    if (failedSessions > 0) add(told, 'bad', failedSessions)
    for (const one of failureDetails) add(told, one.resultType ?? '', one.failedSessions)
  }
  expectSame(told, counted)
}

describe('a report of ours, whatever the day was like', () => {
  it('is taken by our own reader and by every rule of strict receivers, and says what was counted', () => {
    fc.assert(
      fc.property(ownDay, (one) => {
        const report = made(one)
        const text = formatTlsReport(report)
        expectSame(readTlsReports(Buffer.from(text)), {
          outcome: 'accept',
          reports: [report],
          deviations: [],
        })
        const json: ArrivedReport = { json: text, fileName: '', headers: [], parts: [], dkim: null }
        expectSame(complaints(REPORT_RULES, json), [])
        expectCounted(one, report)
      }),
      { numRuns: 10_000 },
    )
  })

  // Fewer runs: to compress, to encode and to take apart a mail takes ten times as long as all the rest.
  it('is the same report when it comes by mail, in the form that receivers want', async () => {
    await fc.assert(
      fc.asyncProperty(ownDay, async (one) => {
        const report = made(one)
        const text = formatTlsReport(report)
        const raw = mailOf(one, report, text)
        expect(mailOf(one, report, text)).toBe(raw)
        expect(await readReports(Buffer.from(raw))).toEqual({
          outcome: 'accept',
          deviations: [],
          reports: [report],
        })
        expect(complaints(MAIL_RULES, arrived(text, raw))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  // Each takes a signature of RSA.
  it('is signed so that receivers count it', async () => {
    const pem = rsaPem(2048)
    await fc.assert(
      fc.asyncProperty(ownDay, async (one) => {
        const report = made(one)
        const text = formatTlsReport(report)
        const key = dkimKey('tlsrpt', pem, one.submitter)
        const signed = await mailSigner([key]).sign(mailOf(one, report, text))
        if (signed.outcome !== 'signed') throw new Error(signed.why)
        const [name, value] = readMail(signed.raw).headers[0] ?? ['', '']
        expect(name).toBe('DKIM-Signature')
        const dkim = { signature: tagsOf(value), key: { s: 'tlsrpt', p: publicKey(pem) } }
        expect(complaints([...MAIL_RULES, ...SIGNATURE_RULES], arrived(text, signed.raw, dkim))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})
