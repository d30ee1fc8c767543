/** A desk with the lab's mailbox at it: real IMAP, real signatures, a real reading thread, and a store in memory. */

import { gzipSync } from 'node:zlib'
import { ingestMail } from '../../../src/app/jobs/ingest-mail.ts'
import {
  type MailboxReading,
  type ReadMailboxTools,
  readMailbox,
} from '../../../src/app/jobs/read-mailbox.ts'
import { type VisitOutcome, visitMailbox } from '../../../src/app/jobs/visit-mailbox.ts'
import type { Settings } from '../../../src/app/settings.ts'
import { watchedNames } from '../../../src/app/watched-names.ts'
import { buildWorld } from '../../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { DnsFaultRule } from '../../../src/lab/world.ts'
import { DAY_MS, HOUR_MS, realWaits, systemClock } from '../../../src/lib/time.ts'
import type { ImapMailboxOptions } from '../../../src/mailbox/imap.ts'
import type { Mailbox } from '../../../src/mailbox/mailbox.ts'
import { openIntake, THREAD_LIMITS } from '../../../src/mailbox/open-intake.ts'
import type { ThreadLimits } from '../../../src/mailbox/reading-thread.ts'
import { createResolver } from '../../../src/probe/resolver.ts'
import type { MailboxPlace } from '../../../src/store/report-store.ts'
import { Sender } from '../../scenario/senders.ts'
import { NOW } from '../check/snapshot-builder.ts'
import { labMailbox } from '../mailbox/imap-lab.ts'
import { HUMAN, MACHINE, mail } from '../mailbox/mail-builder.ts'
import { QUICK } from '../probe/lab-probe.ts'
import { plainPolicy, plainReport } from '../protocol/tlsrpt/report-builder.ts'
import { configOf, desk } from './desk.ts'

export const SENDERS = ['google.com', 'microsoft.com'].map((name) => new Sender(name))

/** The newest day that can be reported. */
export const YESTERDAY = NOW - (NOW % DAY_MS) - DAY_MS

/** A signed report of the n-th day back; another one for every n. */
export function reportMail(n: number, domain = 'example.com'): Buffer {
  const sender = SENDERS[n % SENDERS.length]
  if (sender === undefined) throw new Error('there are no senders')
  return sender.mail({
    domain,
    dayAt: YESTERDAY - Math.floor(n / SENDERS.length) * DAY_MS,
    successful: n + 1,
  })
}

export function reportMails(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, n) => reportMail(n))
}

export const LETTER = Buffer.from(
  'From: a@b.example\r\nTo: c@d.example\r\nSubject: Hello\r\n\r\nHow are you?\r\n',
)

/** A report of 100,000 failures: more than a small heap can hold, and nothing to a thread with the usual one. */
export function heavyMail(): Buffer {
  const detail = {
    'result-type': 'certificate-expired',
    'sending-mta-ip': '192.0.2.1',
    'receiving-mx-hostname': 'mx.a.example',
    'failed-session-count': 1,
  }
  const policy = { ...plainPolicy(), 'failure-details': Array.from({ length: 100 }, () => detail) }
  const report = { ...plainReport(), policies: Array.from({ length: 1_000 }, () => policy) }
  return mail({ parts: [HUMAN, { ...MACHINE, body: gzipSync(JSON.stringify(report)) }] })
}

/** A heap that `heavyMail` does not fit into, and every other mail does. */
export const SMALL_HEAP: ThreadLimits = { ...THREAD_LIMITS, heapMebibytes: 24 }

export interface MailboxDeskOptions {
  readonly domains: readonly string[]
  /** Lines of the mailbox section of watch.yaml. */
  readonly mailbox: Readonly<Record<string, unknown>>
  readonly limits: ThreadLimits
  readonly dnsFaults: readonly DnsFaultRule[]
  readonly imap: Partial<ImapMailboxOptions>
  /** Waits for mail by the desk's clock; nothing else may pass on it while the server is asked. */
  readonly waitsByDesk: boolean
  /** Where the server is, instead of at the lab's own port. */
  readonly port: ((lab: Lab) => number) | null
}

export interface Visit {
  readonly outcome: VisitOutcome
  /** What was read, by what became of it. */
  readonly classes: Readonly<Record<string, number>>
}

export async function mailboxDesk(options: Partial<MailboxDeskOptions> = {}) {
  const { domains = ['example.com'], limits = THREAD_LIMITS, dnsFaults = [] } = options
  const watch = (mailbox: Readonly<Record<string, unknown>>) =>
    configOf({ domains, mailbox: { check: '*/5 * * * *', idle: false, ...options.mailbox, ...mailbox } })
  const it = await desk({ domains })
  const records = SENDERS.map(({ record }) => record)
  const lab = await startLab(buildWorld({ records, zones: SENDERS.map(({ zone }) => zone), dnsFaults }), {
    clock: it.clock,
  })
  const servers = [{ address: lab.dns.host, port: lab.dns.port, trusted: true }]
  const resolver = createResolver({ servers, clock: systemClock, limits: QUICK.dns })
  const clock = realWaits(it.clock)
  const openReader = () => openIntake({ resolver, clock, trustAuthservId: null, limits })

  /** Settings as watch.yaml would make them, with these lines of its mailbox section. */
  function settingsOf(lines: Readonly<Record<string, unknown>> = {}): Settings {
    const config = watch(lines)
    if (config.mailbox === null) throw new Error('no mailbox')
    const { folder, afterReading, idle } = config.mailbox
    const port = options.port === undefined || options.port === null ? {} : { port: options.port(lab) }
    const waits = options.waitsByDesk === true ? it.clock : clock
    const mailbox = labMailbox(lab, { clock: waits, folder, afterReading, idle, ...options.imap }, port)
    return { ...it.open(config), intake: { mailbox, open: openReader } }
  }

  const settings = settingsOf()
  const mailbox: Mailbox = settings.intake?.mailbox ?? labMailbox(lab)
  const place = (): MailboxPlace => ({
    account: mailbox.account,
    folder: mailbox.folder,
    uidValidity: String(lab.imap.folder(mailbox.folder).uidValidity),
  })
  return {
    ...it,
    lab,
    settings,
    settingsOf,
    mailbox,
    place,
    arrive: (mails: readonly Buffer[], receivedAt = NOW - HOUR_MS) =>
      mails.map((bytes) => lab.imap.arrive(bytes, receivedAt, mailbox.folder)),
    async visit(visited: Settings = settings, signal: AbortSignal = it.never): Promise<Visit> {
      const before = it.log.length
      const outcome = await visitMailbox(visited, it.tools, signal)
      const told = it.log.slice(before).find(({ event }) => event === 'mailbox.read')
      const { account: _, folder: __, ...classes } = told?.fields ?? {}
      return { outcome, classes: classes as Visit['classes'] }
    },
    /** The job alone, with what it says of itself. */
    async read(onCommitted: ReadMailboxTools['onCommitted'] = async () => {}): Promise<MailboxReading> {
      await using intake = openReader()
      await using session = await mailbox.open(it.never)
      const watched = await watchedNames(
        settings.config.domains.map(({ name }) => name),
        it.store.snapshots,
      )
      const tools = { intake, watched, clock: it.clock, newId: it.tools.newId, keepRaw: true }
      return await readMailbox(mailbox, session, {
        store: it.store.reports,
        now: it.clock.now,
        ingest: (one, where) => ingestMail(one, where, tools, it.never),
        onCommitted,
      })
    },
    /** Every mail that has ended, by what became of it, over all visits and all lives of the folder. */
    classes: async () => Object.fromEntries(await it.store.reports.mailClasses(0)),
    /** Sessions that count, as the senders told them. */
    async sessions(): Promise<number> {
      let sum = 0
      for await (const { policy } of it.store.reports.policiesSince(0)) sum += policy.successfulSessions
      return sum
    },
    /** Of these UIDs those that are begun or to be begun, as `uid attempts`. */
    async unread(uids: readonly number[]): Promise<readonly string[]> {
      const unread = await it.store.reports.unread(place(), uids, it.clock.now())
      return unread.map(({ uid, attempts }) => `${uid} ${attempts}`)
    },
    /** The sets of UIDs whose bytes were asked for, in all sessions. */
    fetched: () => bodiesAskedFor(lab),
    flags: (folder = mailbox.folder) =>
      lab.imap.folder(folder).mails.map(({ flags }) => [...flags].join(' ')),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await it.store[Symbol.asyncDispose]()
    },
  }
}

export type MailboxDesk = Awaited<ReturnType<typeof mailboxDesk>>

export function bodiesAskedFor(lab: Lab): readonly string[] {
  return lab.imap.entries.flatMap(({ commands }) =>
    commands.flatMap(({ text }) => /UID FETCH (\S+) .*BODY\.PEEK\[\]/.exec(text)?.[1] ?? []),
  )
}
