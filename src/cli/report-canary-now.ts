import { canaryAddresses } from '../app/canary-addresses.ts'
import { SUBMIT_LEASE_MS, submitReport } from '../app/jobs/submit-report.ts'
import { visitMailbox } from '../app/jobs/visit-mailbox.ts'
import { Monitor } from '../app/monitor.ts'
import type { Reporter } from '../app/reporter.ts'
import { display } from '../lib/display.ts'
import { parseDuration } from '../lib/duration.ts'
import { randomId } from '../lib/id.ts'
import { silentLogger } from '../lib/log.ts'
import { type Clock, SECOND_MS, systemClock } from '../lib/time.ts'
import { type Canary, type CanaryAddress, isPosted } from '../model/canary.ts'
import { canarySubmission } from '../submit/canary-report.ts'
import { refuse } from './days.ts'
import { EXIT, type Io } from './io.ts'
import { isRunning } from './is-running.ts'
import { canaryNote, canaryRow, tookText, USUAL_LIMITS, untriedLines } from './render-canary.ts'
import { type CanaryWork, type CanaryWorld, openCanaryWork, REAL_CANARY_WORLD } from './report-canary-work.ts'
import { NO_REPORTER } from './report-day.ts'

export interface ReportCanaryNowRequest {
  readonly configFile: string
  /** How long to wait for it, e.g. `5m`. */
  readonly wait: string
}

const ASK_EVERY_MS = 2 * SECOND_MS

/**
 * `report canary --now`: sends a report to each address that is ours and waits until it is in the mailbox, which a running
 * monitor reads, and otherwise this command. Exit status 0 when all arrived and count, 1 when not.
 */
export async function reportCanaryNowCommand(
  request: ReportCanaryNowRequest,
  io: Io,
  world: CanaryWorld = REAL_CANARY_WORLD,
  clock: Clock = systemClock,
): Promise<number> {
  const waitMs = parseDuration(request.wait)
  if (waitMs === null)
    return refuse('report canary', `--wait ${request.wait}: write a duration like 5m or 1h`, io)
  const opened = await openCanaryWork(request.configFile, io, world)
  if (!opened.ok) return opened.error
  await using work = opened.value
  const { config, intake, store, reporter } = work
  if (reporter === null) {
    io.err(`stswatch report canary: ${NO_REPORTER}\n`)
    return EXIT.config
  }
  const addresses = await canaryAddresses(config, intake, store)
  for (const line of untriedLines(addresses)) io.err(`${line}\n`)
  const { own } = addresses
  if (own.length === 0) {
    io.err('no address for TLS reports that is yours is known: nothing was sent\n')
    return EXIT.findings
  }
  const sent = await sendAll(own, reporter, work, { clock, io })
  return (await waitFor(sent, work, { clock, io, waitMs })) ? EXIT.ok : EXIT.findings
}

interface Tools {
  readonly clock: Clock
  readonly io: Io
}

/** Hands one over to each, and says what came of it; gives the ids of those that can arrive. */
async function sendAll(
  own: readonly CanaryAddress[],
  reporter: Reporter,
  { store }: CanaryWork,
  { clock, io }: Tools,
): Promise<readonly Sent[]> {
  const slotAt = clock.now()
  const submissions = own.map(({ rua }) => canarySubmission({ rua, slotAt }, reporter, slotAt))
  await store.canaries.queue(submissions)
  const tools = { store, clock, log: silentLogger, monitor: new Monitor(clock) }
  const sent: Sent[] = []
  for (const [index, { id, reportId }] of submissions.entries()) {
    const address = own[index]
    const claim = await store.submissions.claimThis(id, clock.now(), SUBMIT_LEASE_MS)
    if (address === undefined || claim === null) continue
    await submitReport(claim, { reporter }, tools, new AbortController().signal)
    sent.push({ address, reportId })
    const canary = await find({ address, reportId }, store)
    if (canary === null) continue
    const what = canary.state === 'sent' ? 'taken' : canary.state === 'waiting' ? 'not taken yet' : 'refused'
    io.out(`${shown(address)}: ${what}: ${canaryNote(canary)}\n`)
  }
  return sent
}

interface Sent {
  readonly address: CanaryAddress
  readonly reportId: string
}

async function find({ address, reportId }: Sent, store: CanaryWork['store']): Promise<Canary | null> {
  const recent = await store.canaries.recent([address.rua], 5)
  return recent.find((canary) => canary.reportId === reportId) ?? null
}

/** True when all arrived and count. */
async function waitFor(
  sent: readonly Sent[],
  work: CanaryWork,
  { clock, io, waitMs }: Tools & { readonly waitMs: number },
): Promise<boolean> {
  const untilMs = clock.monotonicMs() + waitMs
  // Asked once: to ask takes the lock for a moment, and a monitor that starts just then would be turned away.
  const isReadElsewhere = await isRunning(work.env.databaseFile)
  let isWell = true
  let open = sent
  for (let asked = 0; ; asked++) {
    const left: Sent[] = []
    for (const one of open) {
      const canary = await find(one, work.store)
      if (canary === null || !isOver(canary)) left.push(one)
      else isWell = tell(one.address, canary, work, { clock, io }) && isWell
    }
    open = left
    if (open.length === 0) return isWell
    if (clock.monotonicMs() >= untilMs) return giveUp(open, io)
    if (asked === 0) io.err(`waiting for ${open.length === 1 ? 'it' : 'them'} in the mailbox …\n`)
    const trouble = isReadElsewhere ? null : await read(work, clock)
    if (trouble !== null) {
      io.err(`the mailbox cannot be read: ${trouble}\n`)
      return giveUp(open, io)
    }
    await clock.sleep(ASK_EVERY_MS, new AbortController().signal)
  }
}

function shown({ rua }: CanaryAddress): string {
  return display(rua, 120)
}

/** Nothing more will be heard of it. */
function isOver(canary: Canary): boolean {
  if (canary.arrival !== null || canary.state === 'given-up') return true
  return canary.state === 'sent' && isPosted(canary)
}

function tell(address: CanaryAddress, canary: Canary, { config }: CanaryWork, { clock, io }: Tools): boolean {
  const limits = config.reports.canary ?? USUAL_LIMITS
  const sight = { readAt: null, hasUnjudgedMail: false, isHeld: false }
  const { fate } = canaryRow(address, canary, { limits, sight, now: clock.now() })
  if (canary.arrival !== null) {
    const verdict =
      fate === 'unverified' ? `, and it would not count: ${canaryNote(canary)}` : ', and its signature counts'
    io.out(`${shown(address)}: arrived after ${tookText(canary)}${verdict}\n`)
  }
  return fate === 'arrived' || fate === 'slow'
}

function giveUp(open: readonly Sent[], io: Io): false {
  for (const { address, reportId } of open) {
    io.out(`${shown(address)}: not arrived yet (Report-ID ${reportId}); see later: stswatch report canary\n`)
  }
  return false
}

/** Reads the mailbox; gives why it could not be read. */
async function read({ config, intake, store }: CanaryWork, clock: Clock): Promise<string | null> {
  const { mailbox } = config
  if (intake === null || mailbox === null) return 'watch.yaml has no `mailbox:`'
  const monitor = new Monitor(clock)
  const settings = { config: { ...config, mailbox: { ...mailbox, idle: false } }, intake }
  const tools = { store, monitor, clock, newId: randomId, log: silentLogger }
  await visitMailbox(settings, tools, new AbortController().signal)
  const [failing] = monitor.mailbox.state().failingMailboxes
  return failing === undefined ? null : display(failing.error, 300)
}
