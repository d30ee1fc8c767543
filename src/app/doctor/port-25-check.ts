import { display } from '../../lib/display.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { bad, type DoctorCheck, type DoctorLine, good } from './doctor-line.ts'

const TOPIC = 'port 25 outwards'

/** Do mail hosts greet us? Of the canaries one is enough; hosts that were named must all. */
export const PORT_25_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 130 * SECOND_MS,
  async run({ config, probe, smtpHosts }, signal) {
    const hosts = smtpHosts.length > 0 ? smtpHosts : config.canaries.smtp
    const looks = await Promise.all(
      hosts.map(async (host) => {
        const look = await probe.canary('smtp', host, signal)
        return { host, failure: look.outcome === 'failed' ? display(look.fault.detail) : null }
      }),
    )
    if (smtpHosts.length > 0) return looks.map(({ host, failure }) => line(host, failure))
    const greeting = looks.find(({ failure }) => failure === null)
    return [line(hosts.join(', '), greeting ? null : looks.map(({ failure }) => failure).join('; '))]
  },
}

function line(hosts: string, failure: string | null): DoctorLine {
  if (failure === null) return good(TOPIC, `open: ${hosts}`)
  return bad(
    TOPIC,
    `${hosts}: ${failure}`,
    'Many providers close port 25 outwards: ask yours to open it, or run the monitor elsewhere.',
  )
}
