import { alarmPathSentences, alertDomains } from '../../check/alarm-path.ts'
import { SECOND_MS } from '../../lib/time.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import { type DoctorCheck, type DoctorTools, good, unset, warning } from './doctor-line.ts'

const TOPIC = 'alarm paths'

/** Do alerts depend on what they are about? The mail hosts of watched domains are asked of the DNS. */
export const ALARM_PATH_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 40 * SECOND_MS,
  async run(tools, signal) {
    const { channels, domains } = tools.config
    if (channels.size === 0) return [unset(TOPIC, 'no channel is configured: alerts are printed')]
    const watched = new Set(domains.map(({ name }) => name))
    const alerted = alertDomains({ channels }).filter((domain) => !watched.has(domain))
    const mailHosts = await hostsOf(alerted, tools, signal)
    const own = alerted.length === 0 ? new Map() : await hostsOf([...watched], tools, signal)
    const watchedHosts = new Set<string>([...own.values()].flat())
    const sentences = alarmPathSentences({ channels, watched, watchedHosts, mailHosts })
    return sentences.length === 0
      ? [good(TOPIC, 'no alert depends on what it is about')]
      : sentences.map((sentence) => warning(TOPIC, sentence))
  },
}

async function hostsOf(
  domains: readonly DomainName[],
  { resolver }: DoctorTools,
  signal: AbortSignal,
): Promise<ReadonlyMap<DomainName, readonly string[]>> {
  const looks = await Promise.all(
    domains.map(async (domain) => ({ domain, mx: await resolver.mx(domain, signal) })),
  )
  return new Map(
    looks.flatMap(({ domain, mx }) =>
      mx.outcome === 'seen' ? [[domain, mx.value.records.map(({ exchange }) => exchange)] as const] : [],
    ),
  )
}
