import { faultClass } from '../check/fault-class.ts'
import {
  BRAKE_OFF,
  type BrakeState,
  type CheckSummary,
  isHeldBack,
  massFailure,
  recordCheck,
  refreshBrake,
} from '../check/mass-failure.ts'
import { type ClockReading, clockSkewMs, judgeMonitor } from '../check/self.ts'
import {
  canariesDue,
  EMPTY_SIGHT,
  needsCanary,
  recordCanary,
  recordLook,
  type SightWindow,
  vantage,
} from '../check/vantage.ts'
import { type Clock, HOUR_MS, type UnixMs } from '../lib/time.ts'
import type { Fault } from '../model/fault.ts'
import type { Finding, FindingCode, Judgement, Undecided } from '../model/finding.ts'
import type { ChannelId } from '../model/notification.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { SightProtocol, Vantage } from '../model/vantage.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { CanaryWatch } from './canary-watch.ts'
import { HealthBoard } from './health-board.ts'
import { MailboxHealth } from './mailbox-health.ts'
import { ReportHealth } from './report-health.ts'
import type { Settings } from './settings.ts'
import { SigningHealth } from './signing-health.ts'

/** A clock reading older than this says nothing about the clock now. */
const CLOCK_READING_MS = HOUR_MS

/** Which canaries there are, and what asks them. */
type CanaryWorld = Pick<Settings, 'config' | 'probe'>

/** What is to be tried before it is known to work. */
interface Watched {
  readonly domains: readonly string[]
  readonly channels: readonly string[]
  readonly readsMailbox: boolean
  readonly signsMail: boolean
  readonly reports: boolean
}

/** What the running program knows about its own sight and health. Kept in memory: after a start it is proven anew. */
export class Monitor {
  readonly #clock: Clock
  #sight: SightWindow = EMPTY_SIGHT
  #brake: BrakeState = BRAKE_OFF
  #clockReadings: readonly (ClockReading & { readonly at: UnixMs })[] = []
  readonly #dnssecUsers = new Set<DomainName>()
  #brokenConfig: { readonly file: string; readonly problems: readonly string[] } | null = null
  readonly #failingChecks = new Map<DomainName, string>()
  readonly #failingChannels = new Map<ChannelId, { readonly errorCode: string; readonly error: string }>()
  readonly mailbox: MailboxHealth
  readonly signing = new SigningHealth()
  readonly reports = new ReportHealth()
  readonly canaries = new CanaryWatch()
  readonly health: HealthBoard
  /** Of what was not tried since the start, that which the last life of the program knew stands. */
  readonly #tried = { domains: new Set<string>(), channels: new Set<string>() }
  #watched: Watched = { domains: [], channels: [], readsMailbox: false, signsMail: false, reports: false }

  constructor(clock: Clock) {
    this.#clock = clock
    this.mailbox = new MailboxHealth(clock)
    this.health = new HealthBoard(clock)
  }

  /** Takes in what a look says about our sight and asks canaries where it leaves doubt. Call before judging the look. */
  async prove(snapshot: Snapshot, world: CanaryWorld, signal: AbortSignal): Promise<Vantage> {
    this.#sight = recordLook(this.#sight, snapshot, this.#clock.now())
    await this.#ask(needsCanary(this.#sight, snapshot, this.#clock.now()), world, signal)
    return this.vantage()
  }

  /** Asks again the canaries that did not answer, when their minute has passed (R27). */
  async lookAround(world: CanaryWorld, signal: AbortSignal): Promise<void> {
    this.#brake = refreshBrake(this.#brake, this.#clock.now())
    await this.#ask(canariesDue(this.#sight, this.#clock.now()), world, signal)
  }

  /** How far this machine's clock is ahead, as at least two sources told within the hour; null when fewer did. */
  clockSkewMs(): number | null {
    return clockSkewMs(this.#freshReadings())
  }

  vantage(): Vantage {
    return vantage(this.#sight, this.#clock.now())
  }

  recordCheck(summary: CheckSummary): void {
    this.#brake = recordCheck(this.#brake, summary, this.#clock.now())
  }

  /** Must this finding's incident wait, because too much fails at once (R30)? */
  holds(finding: Finding): boolean {
    return isHeldBack(this.#brake, finding, this.#clock.now())
  }

  configBroken(file: string, problems: readonly string[]): void {
    this.#brokenConfig = { file, problems }
  }

  configLoaded(): void {
    this.#brokenConfig = null
  }

  channelFailed(channel: ChannelId, errorCode: string, error: string): void {
    this.#tried.channels.add(channel)
    this.#failingChannels.set(channel, { errorCode, error })
  }

  channelWorks(channel: ChannelId): void {
    this.#tried.channels.add(channel)
    this.#failingChannels.delete(channel)
  }

  /** A look that ended in a bug of ours: that domain is not being watched. */
  checkFailed(domain: DomainName, error: string): void {
    this.#tried.domains.add(domain)
    this.#failingChecks.set(domain, error)
  }

  checkWorked(domain: DomainName): void {
    this.#tried.domains.add(domain)
    this.#failingChecks.delete(domain)
  }

  /** Whether a domain uses DANE, as far as it is known: then somebody must validate for us. */
  usesDane(domain: DomainName, uses: boolean): void {
    if (uses) this.#dnssecUsers.add(domain)
    else this.#dnssecUsers.delete(domain)
  }

  /** Takes in what is watched now, and forgets the troubles of what no longer is. */
  watches({ config, signsMail, reporter }: Pick<Settings, 'config' | 'signsMail' | 'reporter'>): void {
    const { domains, channels, mailbox } = config
    const names = new Set(domains.map(({ name }) => name))
    for (const name of this.#failingChecks.keys()) if (!names.has(name)) this.#failingChecks.delete(name)
    for (const name of this.#dnssecUsers) if (!names.has(name)) this.#dnssecUsers.delete(name)
    for (const id of this.#failingChannels.keys()) if (!channels.has(id)) this.#failingChannels.delete(id)
    const readsMailbox = mailbox !== null
    this.#watched = {
      domains: [...names],
      channels: [...channels.keys()],
      readsMailbox,
      signsMail,
      reports: reporter !== null,
    }
    if (!readsMailbox) this.mailbox.forget()
    if (!signsMail) this.signing.forget()
    if (reporter === null) this.reports.forget()
  }

  /** The monitor's findings about itself, as of now. */
  judgement(resolvers: readonly string[]): Judgement {
    const judged = judgeMonitor(
      {
        vantage: this.vantage(),
        resolvers,
        dnssecUsers: [...this.#dnssecUsers].sort(),
        clockReadings: this.#freshReadings(),
        brokenConfig: this.#brokenConfig,
        failingChannels: [...this.#failingChannels].map(([channel, trouble]) => ({ channel, ...trouble })),
        failingChecks: [...this.#failingChecks].map(([domain, error]) => ({ domain, error })),
        massFailure: massFailure(this.#brake),
        ...this.mailbox.state(),
        ...this.signing.state(),
        ...this.reports.state(),
        canaries: this.canaries.state(),
      },
      this.#clock.now(),
    )
    return { ...judged, undecided: [...judged.undecided, ...this.#untried()] }
  }

  #untried(): readonly Undecided[] {
    const { domains, channels, readsMailbox, signsMail, reports } = this.#watched
    const because: Fault = { kind: 'internal', blame: 'local', detail: 'not tried since the start' }
    const about = (code: FindingCode) => (subject: string | null) => ({
      code,
      domain: null,
      subject,
      because,
    })
    const signing = signsMail && !this.signing.isTried ? [null] : []
    const reporting = reports && !this.reports.isTried ? [null] : []
    const untold = readsMailbox ? this.mailbox.untold() : []
    const unlooked = domains.filter((name) => !this.#tried.domains.has(name))
    return [
      ...unlooked.map(about('monitor.check.failing')),
      // Which domains use DANE is known when each has been looked at.
      ...(unlooked.length === 0 ? [] : [about('monitor.dnssec.blind')(null)]),
      ...channels.filter((id) => !this.#tried.channels.has(id)).map(about('monitor.channel.failing')),
      ...signing.map(about('monitor.dkim.failing')),
      ...reporting.map(about('monitor.reports.held')),
      ...untold.map((code) => about(code)('any')),
    ]
  }

  async #ask(
    protocols: readonly SightProtocol[],
    { config, probe }: CanaryWorld,
    signal: AbortSignal,
  ): Promise<void> {
    const asked = protocols.flatMap((protocol) =>
      config.canaries[protocol].map((name) => ({ protocol, name })),
    )
    await Promise.all(
      asked.map(async ({ protocol, name }) => {
        const seen = await probe.canary(protocol, name, signal)
        // A host whose name cannot be resolved was not asked: that says nothing about the way to it.
        if (protocol !== 'dns' && seen.outcome === 'failed' && faultClass(seen.fault) === 'dns') return
        const answered = seen.outcome === 'seen'
        this.#sight = recordCanary(
          this.#sight,
          { protocol, name, at: this.#clock.now(), answered },
          this.#clock.now(),
        )
        if (answered && seen.value !== null) this.#readClock(name, seen.value)
      }),
    )
  }

  #readClock(source: string, told: UnixMs): void {
    const at = this.#clock.now()
    const others = this.#freshReadings().filter((reading) => reading.source !== source)
    this.#clockReadings = [...others, { source, skewMs: at - told, at }]
  }

  #freshReadings(): readonly (ClockReading & { readonly at: UnixMs })[] {
    return this.#clockReadings.filter(({ at }) => this.#clock.now() - at < CLOCK_READING_MS)
  }
}
