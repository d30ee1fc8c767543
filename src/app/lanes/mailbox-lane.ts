import type { MailboxConfig } from '../../config/watch-config.ts'
import { parseCron } from '../../lib/cron.ts'
import { nextSlot } from '../../lib/cron-slots.ts'
import { DAY_MS, MINUTE_MS, SECOND_MS, type UnixMs } from '../../lib/time.ts'
import { type FetchedMail, type Mailbox, MailboxError } from '../../mailbox/mailbox.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { CommittedMail, MailboxPlace, MailCommit } from '../../store/report-store.ts'
import type { ClaimedJob } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { ingestMail } from '../jobs/ingest-mail.ts'
import { readMailbox } from '../jobs/read-mailbox.ts'
import type { Lane } from '../lane.ts'
import type { Settings } from '../settings.ts'
import { watchedNames } from '../watched-names.ts'
import { CHECK_JOB } from './check-lane.ts'

export const MAILBOX_JOB = 'mailbox'

/** Longer than a backlog takes; a dead process's job is taken back at the next start anyway. */
const LEASE_MS = 60 * MINUTE_MS
/** R43: the first wait after a failure, doubled from one to the next. */
const FIRST_BACKOFF_MS = 5 * SECOND_MS
const LONGEST_BACKOFF_MS = 15 * MINUTE_MS
/** R44: no session lasts for ever, whatever the server says. */
const LONGEST_LISTENING_MS = 10 * MINUTE_MS
/** One look at a domain is enough for all reports that arrive together. */
const LOOK_SPACING_MS = 10 * MINUTE_MS

/** Reads the mailbox of TLS reports when its schedule says so, and listens until the next time where the server can. */
export function mailboxLane(tools: AppTools, settings: () => Settings): Lane {
  let failures = 0
  return {
    name: 'mailbox',
    concurrency: 1,
    async take() {
      const job = await tools.store.jobs.claim([MAILBOX_JOB], tools.clock.now(), LEASE_MS)
      if (job === null) return null
      const { mailbox, config } = settings()
      if (mailbox === null || config.mailbox === null) return () => tools.store.jobs.finish(job, 'done')
      const visit = new Visit(mailbox, config.mailbox, tools, settings)
      return async (signal) => {
        const error = await visit.pay(signal)
        // Told to stop in the middle: the job is taken back at the next start.
        if (signal.aborted) return
        failures = error === null ? 0 : failures + 1
        await end(job, failures, tools)
      }
    },
    nextDueAt: () => tools.store.jobs.nextDueAt(),
  }
}

async function end(job: ClaimedJob, failures: number, { store, clock }: AppTools): Promise<void> {
  if (failures > 0) {
    const dueAt = clock.now() + Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1))
    const key = `${MAILBOX_JOB}:again:${new Date(dueAt).toISOString()}`
    await store.jobs.enqueue({ key, kind: MAILBOX_JOB, argument: '', dueAt, slot: null })
  }
  await store.jobs.finish(job, failures === 0 ? 'done' : 'failed')
}

/** One session with the mailbox. */
class Visit {
  readonly #mailbox: Mailbox
  readonly #config: MailboxConfig
  readonly #tools: AppTools
  readonly #settings: () => Settings

  constructor(mailbox: Mailbox, config: MailboxConfig, tools: AppTools, settings: () => Settings) {
    this.#mailbox = mailbox
    this.#config = config
    this.#tools = tools
    this.#settings = settings
  }

  /** Reads, and reads again whenever news come; what was read is written, whatever happens then. Null: all went well. */
  async pay(signal: AbortSignal): Promise<unknown> {
    const { clock, monitor, log } = this.#tools
    const { account, folder } = this.#mailbox
    try {
      await using session = await this.#mailbox.open(signal)
      const untilMs = clock.monotonicMs() + this.#listeningMs(clock.now())
      do {
        const ingest = await this.#ingest(signal)
        const reading = await readMailbox(this.#mailbox, session, {
          store: this.#tools.store.reports,
          now: () => clock.now(),
          ingest,
          onCommitted: (mails, commits) => this.#lookInto(mails, commits),
        })
        monitor.mailboxRead(account, folder, reading.renumbered ? session.uidValidity : null)
        log.info('mailbox.read', { account, folder, ...Object.fromEntries(reading.classes) })
      } while (
        this.#config.idle &&
        clock.monotonicMs() < untilMs &&
        (await session.waitForNews(untilMs - clock.monotonicMs(), signal))
      )
      return null
    } catch (error) {
      if (signal.aborted) return error
      const failure = error instanceof MailboxError ? error.failure : 'internal'
      const text = error instanceof Error ? error.message : String(error)
      monitor.mailboxFailed(account, failure, text)
      log.warn('mailbox.failed', { account, failure, error: text })
      return error
    }
  }

  /** Until the next time of the schedule, which begins a session of its own. */
  #listeningMs(now: UnixMs): number {
    const cron = parseCron(this.#config.cron)
    const next = cron.ok ? nextSlot(cron.value, this.#settings().config.timezone, now) : null
    return next === null ? 0 : Math.min(LONGEST_LISTENING_MS, next - now)
  }

  async #ingest(signal: AbortSignal) {
    const { store, intake, clock, newId, log } = this.#tools
    // Looked up when the first mail asks: most readings find none.
    let names: ReturnType<typeof watchedNames> | null = null
    const domains = this.#settings().config.domains.map(({ name }) => name)
    const keepRaw = this.#config.keepRawDays > 0
    return async (mail: FetchedMail, place: MailboxPlace): Promise<MailCommit | null> => {
      names ??= watchedNames(domains, store.snapshots)
      try {
        return await ingestMail(mail, place, { intake, watched: await names, clock, newId, keepRaw }, signal)
      } catch (error) {
        log.error('mailbox.mail-failed', { uid: mail.uid, error: String(error) })
        return null
      }
    }
  }

  /** What is reported as failing is looked at now, so that both views can be told in one message. */
  async #lookInto(mails: readonly CommittedMail[], commits: readonly MailCommit[]): Promise<void> {
    const { store, clock } = this.#tools
    const counted = new Set(mails.flatMap((mail) => mail.counted))
    const now = clock.now()
    for (const domain of failingDomains(commits, counted, now)) {
      const key = `reported:${domain}:${Math.floor(now / LOOK_SPACING_MS)}`
      await store.jobs.enqueue({ key, kind: CHECK_JOB, argument: domain, dueAt: now, slot: null })
    }
  }
}

/** Late reports are filed, and no reason to look (reliability §12.4). */
const FRESH_MS = 3 * DAY_MS

function failingDomains(
  commits: readonly MailCommit[],
  counted: ReadonlySet<string>,
  now: UnixMs,
): ReadonlySet<DomainName> {
  const domains = new Set<DomainName>()
  for (const { verdict } of commits) {
    for (const { id, report, attributions } of verdict.kind === 'reports' ? verdict.reports : []) {
      if (!counted.has(id)) continue
      report.policies.forEach(({ failedSessions }, index) => {
        const { domain = null, dayAt = 0 } = attributions[index] ?? {}
        if (domain !== null && failedSessions > 0 && now - dayAt <= FRESH_MS + DAY_MS) domains.add(domain)
      })
    }
  }
  return domains
}
