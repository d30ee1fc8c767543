import type { UnreadableMail } from '../../check/self.ts'
import { parseCron } from '../../lib/cron.ts'
import { nextSlot } from '../../lib/cron-slots.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../../lib/time.ts'
import type { Intake } from '../../mailbox/intake.ts'
import { IntakeFailure } from '../../mailbox/intake-failure.ts'
import { MailboxError, type MailboxSession } from '../../mailbox/mailbox.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { CommittedMail, MailCommit } from '../../store/report-store.ts'
import type { AppTools } from '../app-tools.ts'
import type { ReportIntake, Settings } from '../settings.ts'
import { watchedNames } from '../watched-names.ts'
import { ingestMail } from './ingest-mail.ts'
import { type IngestMail, readMailbox } from './read-mailbox.ts'

/** cut-off: the session was ended only because none lasts for ever; another one is to take its place. */
export type VisitOutcome = 'nothing-to-read' | 'read' | 'cut-off' | 'failed'

/** What a visit works with. */
export type VisitTools = Pick<AppTools, 'store' | 'monitor' | 'clock' | 'newId' | 'log'>

/** R44: no session lasts for ever, whatever the server says. */
const LONGEST_LISTENING_MS = HOUR_MS
/** One look at a domain is enough for all reports that arrive together. */
const LOOK_SPACING_MS = 10 * MINUTE_MS
/** Reports of older days are filed, and no reason to look (reliability §12.4). */
const FRESH_MS = 4 * DAY_MS
const UNREADABLE_MAX = 100

/**
 * One session with the mailbox: reads it to its end, and again whenever news come, until the next time of its schedule.
 * What was read is written, whatever happens then; a failure is told to the monitor and never rejects.
 */
export async function visitMailbox(
  settings: Pick<Settings, 'config' | 'intake'>,
  tools: VisitTools,
  signal: AbortSignal,
): Promise<VisitOutcome> {
  const { intake, config } = settings
  if (intake === null || config.mailbox === null) return 'nothing-to-read'
  const { clock, monitor, log } = tools
  const { account, folder } = intake.mailbox
  let written = 0
  const onWritten = (mails: number) => {
    written += mails
    monitor.mailbox.answers()
  }
  const { untilMs, isCut } = listening(config.mailbox.cron, config.timezone, clock.now(), clock.monotonicMs())
  try {
    await using reader = intake.open()
    await using session = await intake.mailbox.open(signal)
    for (;;) {
      await readOnce(session, intake, reader, { settings, tools, signal, onWritten })
      const leftMs = untilMs - clock.monotonicMs()
      if (!config.mailbox.idle || leftMs <= 0) break
      if (!(await session.waitForNews(leftMs, signal))) break
    }
    return isCut && clock.monotonicMs() >= untilMs ? 'cut-off' : 'read'
  } catch (error) {
    if (signal.aborted) return 'failed'
    // A backlog may take longer than a session (R44): the next one goes on.
    if (written > 0 && error instanceof MailboxError && error.failure === 'deadline') return 'cut-off'
    const failure = error instanceof MailboxError ? error.failure : 'internal'
    const text = error instanceof Error ? error.message : String(error)
    monitor.mailbox.failed(account, failure, text)
    log.warn('mailbox.failed', { account, folder, failure, error: text })
    return 'failed'
  }
}

/** Until the next time of the schedule, which begins a session of its own. */
function listening(line: string, timezone: string, now: UnixMs, nowMs: number) {
  const cron = parseCron(line)
  const next = cron.ok ? nextSlot(cron.value, timezone, now) : null
  const ms = next === null ? LONGEST_LISTENING_MS : next - now
  return { untilMs: nowMs + Math.min(LONGEST_LISTENING_MS, ms), isCut: ms > LONGEST_LISTENING_MS }
}

interface Visit {
  readonly settings: Pick<Settings, 'config'>
  readonly tools: VisitTools
  readonly signal: AbortSignal
  /** Told how many mails were written, as it goes. */
  readonly onWritten: (mails: number) => void
}

async function readOnce(
  session: MailboxSession,
  { mailbox }: ReportIntake,
  reader: Intake,
  visit: Visit,
): Promise<void> {
  const { store, clock, monitor, log } = visit.tools
  const { account, folder } = mailbox
  // Before the reading makes the place the last one: a session that breaks in the middle would keep it to itself.
  const last = await store.reports.lastPlace(account, folder)
  if (last !== null && last.uidValidity !== session.uidValidity) {
    monitor.mailbox.renumbered({ account, folder, before: last.uidValidity, after: session.uidValidity })
  }
  const reading = await readMailbox(mailbox, session, {
    store: store.reports,
    now: () => clock.now(),
    ingest: ingesting(reader, visit),
    onCommitted: async (mails, commits) => {
      visit.onWritten(mails.length)
      await lookInto(mails, commits, visit.tools)
    },
  })
  monitor.mailbox.read(await unreadableMails(visit.tools))
  if (reading.classes.size > 0) {
    log.info('mailbox.read', { account, folder, ...Object.fromEntries(reading.classes) })
  }
}

function ingesting(intake: Intake, { settings, tools, signal }: Visit): IngestMail {
  const { store, clock, newId, log } = tools
  const domains = settings.config.domains.map(({ name }) => name)
  const keepRaw = settings.config.mailbox !== null && settings.config.mailbox.keepRawDays > 0
  // Looked up when the first mail asks: most readings find none.
  let names: ReturnType<typeof watchedNames> | null = null
  return async (mail, place) => {
    names ??= watchedNames(domains, store.snapshots)
    const watched = await names
    try {
      return await ingestMail(mail, place, { intake, watched, clock, newId, keepRaw }, signal)
    } catch (error) {
      if (!(error instanceof IntakeFailure) || error.kind === 'closed') throw error
      log.error('mailbox.mail-failed', { uid: mail.uid, error: error.message })
      return null
    }
  }
}

/** What is reported as failing is looked at now, so that both views can be told in one message. */
async function lookInto(
  mails: readonly CommittedMail[],
  commits: readonly MailCommit[],
  { store, clock }: VisitTools,
): Promise<void> {
  const now = clock.now()
  const counted = new Set(mails.flatMap((mail) => mail.counted))
  for (const domain of failingDomains(commits, counted, now)) {
    const key = `reported:${domain}:${Math.floor(now / LOOK_SPACING_MS)}`
    await store.jobs.enqueue({ key, kind: 'check', argument: domain, dueAt: now, slot: null })
  }
}

function failingDomains(
  commits: readonly MailCommit[],
  counted: ReadonlySet<string>,
  now: UnixMs,
): ReadonlySet<DomainName> {
  const reports = commits.flatMap(({ verdict }) => (verdict.kind === 'reports' ? verdict.reports : []))
  const failing = reports
    .filter(({ id }) => counted.has(id))
    .flatMap(({ report, attributions }) =>
      attributions.filter((_, index) => (report.policies[index]?.failedSessions ?? 0) > 0),
    )
  return new Set(
    failing.flatMap(({ domain, dayAt }) => (domain !== null && now - dayAt < FRESH_MS ? domain : [])),
  )
}

/** Mails of the last day that were put aside because they ended the reader again and again (R47). */
async function unreadableMails({ store, clock }: VisitTools): Promise<readonly UnreadableMail[]> {
  const aside = await store.reports.mails('quarantined', clock.now() - DAY_MS, UNREADABLE_MAX)
  return aside
    .filter(({ reason }) => reason === 'poison')
    .map(({ from, reason }) => ({ sender: from ?? 'an unknown sender', reason: reason ?? '' }))
}
