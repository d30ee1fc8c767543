import { announce } from '../../announce/announce.ts'
import type { ResolverConfig } from '../../config/watch-config.ts'
import { advance } from '../../incident/advance.ts'
import { rememberedSince } from '../../incident/memory-window.ts'
import type { Transition } from '../../model/incident.ts'
import type { AppTools } from '../app-tools.ts'
import { lookAfterCanaries } from '../look-after-canaries.ts'
import { quietNow } from '../quiet.ts'
import type { Settings } from '../settings.ts'

/** The monitor's look at itself: canaries, clock, configuration, channels, storage; told like any other incident. */
export async function watchSelf(
  settings: Settings,
  tools: AppTools,
  signal: AbortSignal,
): Promise<readonly Transition[]> {
  const { store, monitor, clock, newId } = tools
  const { config } = settings
  await monitor.lookAround(settings, signal)
  monitor.watches(settings)
  await lookAfterCanaries(settings, tools)
  const now = clock.now()
  const remembered = await store.incidents.remembered(null, rememberedSince(null, now))
  const judgement = monitor.judgement(config.resolvers.map(resolverName))
  const transitions = advance(remembered, judgement, now, {
    newId,
    threadFor: () => null,
    hold: () => false,
    resolvers: config.resolvers.length,
  })
  const notifications = announce(transitions, [], null, config, {
    now,
    newId,
    ...tools.grouping,
    joinsOthers: () => false,
    quiet: quietNow(await store.quiet.silences(now), config, now),
  })
  if (transitions.length > 0) await store.commitTransitions(transitions, notifications)
  return transitions
}

function resolverName(resolver: ResolverConfig): string {
  return resolver.kind === 'system' ? 'system' : `${resolver.address}:${resolver.port}`
}
