import { SECOND_MS } from '../../lib/time.ts'
import { MAIL_DEADLINES, trySmtpLogin } from '../../mail/transport.ts'
import { parseSubmissionUrl } from '../../protocol/smtp/submission-url.ts'
import { bad, type DoctorCheck, good, unset } from './doctor-line.ts'

const TOPIC = 'mail server for alerts'

/** Logs in where alerts are handed in; sends nothing. */
export const SMTP_LOGIN_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 90 * SECOND_MS,
  async run({ config, env, ca }, signal) {
    const needsIt = [...config.channels.values()].some(({ type }) => type === 'email')
    if (env.smtpUrl === null) {
      return needsIt
        ? [bad(TOPIC, 'a channel sends mail, but SMTP_URL is not set', 'Set SMTP_URL and MAIL_FROM in .env.')]
        : [unset(TOPIC, 'not configured: no channel sends mail')]
    }
    const server = parseSubmissionUrl(env.smtpUrl)
    // The environment was checked: a URL that does not parse cannot get here.
    if (!server.ok) throw new TypeError(`SMTP_URL ${server.error}`)
    const options = { ehloName: config.ehloName, ca, deadlines: MAIL_DEADLINES }
    const failure = await trySmtpLogin(server.value, options, signal)
    const { host, port, user } = server.value
    if (failure !== null) return [bad(TOPIC, failure, 'To try it with a mail: stswatch notify test CHANNEL')]
    return [good(TOPIC, `${host}:${port}: ${user === null ? 'it answers' : 'logged in'}`)]
  },
}
