import { describeEarly, describeStep } from '../announce/plan-words.ts'
import type { DescribeContext } from '../announce/words.ts'
import { openChannels } from '../app/open-channels.ts'
import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { randomId } from '../lib/id.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { sha256 } from '../lib/sha256.ts'
import type { Clock } from '../lib/time.ts'
import type { ThreadId } from '../model/incident.ts'
import type {
  ChannelId,
  Delivery,
  Notification,
  NotificationContent,
  NotificationId,
} from '../model/notification.ts'
import type { Plan } from '../model/plan.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { PlanNews } from '../plan/plan-news.ts'
import type { Io } from './io.ts'

/** The channel that hears of the plan besides the terminal; a sentence when there is none of that name, or it cannot work. */
export function openPlanChannel(
  name: string,
  { config, env }: { readonly config: WatchConfig; readonly env: Env },
  { io, clock, smtpCa }: { readonly io: Io; readonly clock: Clock; readonly smtpCa: string | null },
): Result<Notifier, string> {
  const { notifiers, problems } = openChannels(config, env, {
    clock,
    console: { write: (text) => io.out(text), colour: io.terminal },
    onSigning: () => {},
    smtpCa,
    isDrill: false,
  })
  const notifier = notifiers.get(name as ChannelId)
  if (notifier !== undefined) return ok(notifier)
  return err(
    [
      `no channel ${name} that works; the watch list has: ${[...config.channels.keys()].join(', ')}`,
      ...problems,
    ].join('; '),
  )
}

/** Tells one piece of news by the channel, once; what became of it. */
export async function sendNews(
  news: PlanNews,
  plan: Plan,
  context: DescribeContext,
  notifier: Notifier,
  signal: AbortSignal,
): Promise<Delivery> {
  const dedupeKey = sha256(randomId('ntf'))
  const notification: Notification = {
    id: randomId('ntf') as NotificationId,
    channel: notifier.id,
    thread: randomId('thr') as ThreadId,
    createdAt: plan.madeAt,
    notBefore: plan.madeAt,
    dedupeKey,
    severity:
      news.kind === 'too-early'
        ? 'critical'
        : news.kind === 'blocked' || news.kind === 'undone'
          ? 'warning'
          : 'info',
    held: null,
    content: contentOf(news, plan, context),
  }
  const payload = notifier.render({
    notifications: [notification],
    threadIncidents: [],
    acknowledgements: [],
    threadReference: null,
  })
  const attempt = {
    payload,
    dedupeKey,
    attempt: 1,
    firstAttemptAt: plan.madeAt,
    ambiguous: false,
    threadReference: null,
  }
  return notifier.send(attempt, signal)
}

function contentOf(news: PlanNews, plan: Plan, context: DescribeContext): NotificationContent {
  const about = { kind: 'plan', domain: plan.domain, at: plan.madeAt } as const
  switch (news.kind) {
    case 'finished':
      return {
        ...about,
        title: `All steps of the plan are done`,
        seen: `stswatch plan ${plan.kind} ends here.`,
        impact: null,
        remedy: [],
      }
    case 'too-early': {
      const { title, hurt, remedy } = describeEarly(news.early, context)
      return {
        ...about,
        title,
        seen: 'A step of the plan was done before it was safe.',
        impact: hurt,
        remedy,
      }
    }
    default: {
      const { title, state, waits, lines } = describeStep(news.step, news.number - 1, plan, context)
      const head = { done: 'Step done', undone: 'No longer done', next: 'Safe now', blocked: 'Blocked' }[
        news.kind
      ]
      return {
        ...about,
        title: `${head}: ${title}`,
        seen: [`Step ${news.number}: ${state}.`, ...waits].join(' '),
        impact: null,
        remedy: lines,
      }
    }
  }
}
