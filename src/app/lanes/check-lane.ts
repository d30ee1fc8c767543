import type { WatchedDomain } from '../../config/watch-config.ts'
import { parseCron } from '../../lib/cron.ts'
import { nextSlot } from '../../lib/cron-slots.ts'
import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../lib/time.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import type { ClaimedJob } from '../../store/store.ts'
import type { AppTools } from '../app-tools.ts'
import { checkDomain } from '../jobs/check-domain.ts'
import type { Lane, Work } from '../lane.ts'
import type { Settings } from '../settings.ts'

export const CHECK_JOB = 'check'

/** Longer than the slowest look can take (R23). */
const LEASE_MS = 15 * MINUTE_MS
/** A shared host's look is as good as new for almost a whole interval: once a cycle (R32). */
const HOST_AGE_SHARE = 0.9
const MAX_HOST_AGE_MS = HOUR_MS

/** Looks at the domains whose jobs are due, a few at once, never the same domain twice at the same time (R23). */
export function checkLane(tools: AppTools, settings: () => Settings, concurrency: number): Lane {
  const underWay = new Set<string>()
  return {
    name: 'checks',
    concurrency,
    async take() {
      const job = await tools.store.jobs.claim([CHECK_JOB], tools.clock.now(), LEASE_MS)
      if (job === null) return null
      const domain = settings().config.domains.find(({ name }) => name === job.argument)
      // No longer watched, or the look under way serves this job as well.
      if (domain === undefined || underWay.has(domain.name)) return () => tools.store.jobs.finish(job, 'done')
      underWay.add(domain.name)
      return (signal) =>
        look(job, domain, tools, settings, signal).finally(() => underWay.delete(domain.name))
    },
    nextDueAt: () => tools.store.jobs.nextDueAt(),
  }
}

async function look(
  job: ClaimedJob,
  domain: WatchedDomain,
  tools: AppTools,
  settings: () => Settings,
  signal: AbortSignal,
): ReturnType<Work> {
  try {
    const outcome = await checkDomain(
      domain,
      settings,
      hostAgeMs(domain, settings().config.timezone, tools.clock.now()),
      tools,
      signal,
    )
    tools.monitor.checkWorked(domain.name)
    if (outcome.lookAgainAt !== null) await lookAgain(domain.name, outcome.lookAgainAt, tools)
    await tools.store.jobs.finish(job, 'done')
    tools.log.info('check.done', {
      domain: domain.name,
      tookMs: Math.round(outcome.tookMs),
      findings: outcome.judgement.findings.map(({ code, subject }) =>
        subject === null ? code : `${code} ${subject}`,
      ),
      undecided: outcome.judgement.undecided.length,
      transitions: outcome.transitions.map(({ reason, incident }) => `${reason} ${incident.id}`),
    })
  } catch (error) {
    if (signal.aborted) return
    await failed(job, domain.name, error, tools)
  }
}

/** A bug met at one domain must neither stop the others nor go unnoticed. */
async function failed(job: ClaimedJob, domain: DomainName, error: unknown, tools: AppTools): Promise<void> {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  tools.log.error('check.failed', { domain, error: text })
  tools.monitor.checkFailed(domain, error instanceof Error ? error.message : String(error))
  await tools.store.jobs.finish(job, 'failed')
}

async function lookAgain(domain: DomainName, at: UnixMs, { store }: AppTools): Promise<void> {
  const key = `again:${domain}:${new Date(at).toISOString()}`
  await store.jobs.enqueue({ key, kind: CHECK_JOB, argument: domain, dueAt: at, slot: null })
}

function hostAgeMs(domain: WatchedDomain, timeZone: string, now: UnixMs): number {
  const cron = parseCron(domain.cron)
  const first = cron.ok ? nextSlot(cron.value, timeZone, now) : null
  const second = cron.ok && first !== null ? nextSlot(cron.value, timeZone, first) : null
  const intervalMs = first === null || second === null ? MAX_HOST_AGE_MS : second - first
  return Math.min(MAX_HOST_AGE_MS, HOST_AGE_SHARE * intervalMs)
}
