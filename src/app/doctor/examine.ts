import { errorText } from '../../lib/error-text.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { ALARM_PATH_CHECK } from './alarm-path-check.ts'
import { CLOCK_CHECK } from './clock-check.ts'
import { DATABASE_CHECK } from './database-check.ts'
import { DISK_CHECK } from './disk-check.ts'
import { DKIM_CHECK } from './dkim-check.ts'
import { bad, type DoctorCheck, type DoctorLine, type DoctorTools } from './doctor-line.ts'
import { IPV6_CHECK } from './ipv6-check.ts'
import { MAILBOX_CHECK } from './mailbox-check.ts'
import { PORT_25_CHECK } from './port-25-check.ts'
import { RESOLVER_CHECK } from './resolver-check.ts'
import { RUA_CHECK } from './rua-check.ts'
import { RUNTIME_CHECK } from './runtime-check.ts'
import { SLACK_CHECK } from './slack-check.ts'
import { SMTP_LOGIN_CHECK } from './smtp-login-check.ts'
import { WEBHOOK_CHECK } from './webhook-check.ts'

/** In the order in which they are shown: this machine, its way out, the ways of alerts. */
export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  RUNTIME_CHECK,
  CLOCK_CHECK,
  DATABASE_CHECK,
  DISK_CHECK,
  RESOLVER_CHECK,
  PORT_25_CHECK,
  IPV6_CHECK,
  MAILBOX_CHECK,
  SMTP_LOGIN_CHECK,
  DKIM_CHECK,
  SLACK_CHECK,
  WEBHOOK_CHECK,
  RUA_CHECK,
  ALARM_PATH_CHECK,
]

/**
 * Runs the checks side by side, each within its own deadline; the lines come in the order of the checks. `done` is told
 * after each. A check that fails in itself is a line that says so.
 */
export async function examine(
  checks: readonly DoctorCheck[],
  tools: DoctorTools,
  done: () => void,
): Promise<readonly DoctorLine[]> {
  const groups = await Promise.all(
    checks.map(async (check) => {
      const lines = await runInTime(check, tools)
      done()
      return lines
    }),
  )
  return groups.flat()
}

async function runInTime(
  { topic, deadlineMs, run }: DoctorCheck,
  tools: DoctorTools,
): Promise<readonly DoctorLine[]> {
  const signal = AbortSignal.timeout(deadlineMs)
  const late = new Promise<readonly DoctorLine[]>((resolve) => {
    signal.addEventListener(
      'abort',
      () =>
        resolve([
          bad(
            topic,
            `no answer within ${deadlineMs / SECOND_MS} s`,
            'See whether a firewall drops the packets.',
          ),
        ]),
      { once: true },
    )
  })
  try {
    return await Promise.race([run(tools, signal), late])
  } catch (error) {
    return [bad(topic, `this could not be tried: ${errorText(error)}`)]
  }
}
