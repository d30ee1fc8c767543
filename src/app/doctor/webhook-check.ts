import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { errorText } from '../../lib/error-text.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { bad, type DoctorCheck, type DoctorLine, type DoctorTools, good, unset } from './doctor-line.ts'

const TOPIC = 'webhooks'

/** Can the hosts of webhooks be reached, with TLS? Nothing is sent: a request could set something off. */
export const WEBHOOK_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 40 * SECOND_MS,
  async run(tools, signal) {
    const names = [...tools.config.channels.values()].flatMap((channel) =>
      channel.type === 'webhook' ? [channel.urlEnv] : [],
    )
    if (names.length === 0) return [unset(TOPIC, 'not configured: no channel is a webhook')]
    return Promise.all([...new Set(names)].map((name) => reach(name, tools, signal)))
  },
}

async function reach(name: string, { env, ca }: DoctorTools, signal: AbortSignal): Promise<DoctorLine> {
  const secret = env.webhookUrls.get(name)
  if (secret === undefined) return bad(TOPIC, `${name} is not set`, `Set ${name} in .env.`)
  // The host alone is shown: the path of a webhook is its secret.
  const { protocol, hostname, port } = new URL(secret.reveal())
  const isTls = protocol === 'https:'
  const place = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isTls ? 443 : 80)) }
  const open = () =>
    isTls
      ? connectTls({ ...place, servername: place.host, ...(ca === null ? {} : { ca }) })
      : connectTcp(place)
  try {
    await connected(open, isTls ? 'secureConnect' : 'connect', signal)
    return good(TOPIC, `${name}: ${place.host}:${place.port} can be reached`)
  } catch (error) {
    return bad(
      TOPIC,
      `${name}: ${place.host}:${place.port} cannot be reached: ${errorText(error)}`,
      `Check ${name}, the name and the certificate of the host, and that a firewall lets the connection out.`,
    )
  }
}

function connected(open: () => Socket, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open()
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      settle()
    }
    const stop = () => end(() => reject(new Error('no answer in time')))
    signal.addEventListener('abort', stop, { once: true })
    socket.once(event, () => end(resolve))
    socket.once('error', (error) => end(() => reject(error)))
  })
}
