import { openChannels } from '../app/open-channels.ts'
import { nearest } from '../config/nearest.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import { randomId } from '../lib/id.ts'
import { sha256 } from '../lib/sha256.ts'
import { SECOND_MS, systemClock } from '../lib/time.ts'
import type { SigningOutcome } from '../mail/mail-signer.ts'
import type { ThreadId } from '../model/incident.ts'
import type { ChannelId, Delivery, Notification, NotificationId } from '../model/notification.ts'
import { CONSOLE_CHANNEL } from '../notify/channels.ts'
import type { Notifier } from '../notify/notifier.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { notifyRemedy } from './notify-remedy.ts'

export interface NotifyTestRequest {
  readonly configFile: string
  readonly channel: string
}

type ChannelType = 'console' | 'slack' | 'email' | 'webhook'

/**
 * `notify test`: one marked message by one channel, past the outbox and the incidents. Exit status 0 when it was
 * delivered, 1 when not, 2 for a channel that there is not, 78 for a broken configuration. `smtpCa`: PEM roots for the
 * mail server; null: the system's.
 */
export async function notifyTestCommand(
  request: NotifyTestRequest,
  io: Io,
  smtpCa: string | null = null,
): Promise<number> {
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  const { config, env } = installation
  const id = request.channel as ChannelId
  const type = typeOf(id, config)
  if (type === null) {
    io.err(`stswatch notify test: ${noSuchChannel(request.channel, config)}\n`)
    return EXIT.usage
  }
  let signing: SigningOutcome | null = null
  const { notifiers, problems } = openChannels(onlyThis(id, config), env, {
    clock: systemClock,
    console: { write: (text) => io.out(text), colour: io.terminal },
    onSigning: (outcome) => {
      signing = outcome
    },
    smtpCa,
    isDrill: false,
  })
  const notifier = notifiers.get(id)
  if (notifier === undefined) {
    io.err(`not delivered: ${problems.join('; ')}\n`)
    return EXIT.findings
  }
  const since = systemClock.monotonicMs()
  const delivery = await sendTest(notifier, config.ehloName)
  const took = `${((systemClock.monotonicMs() - since) / SECOND_MS).toFixed(1)} s`
  return tell({ id, type, took, delivery, signed: signedWords(signing) }, io)
}

function typeOf(id: ChannelId, { channels }: WatchConfig): ChannelType | null {
  // What runs when nothing is configured.
  if (channels.size === 0) return id === CONSOLE_CHANNEL ? 'console' : null
  return channels.get(id)?.type ?? null
}

/** One that cannot work shall not keep another from being tried. */
function onlyThis(id: ChannelId, config: WatchConfig): WatchConfig {
  return { ...config, channels: new Map([...config.channels].filter(([other]) => other === id)) }
}

function noSuchChannel(name: string, { channels }: WatchConfig): string {
  const names: readonly string[] = channels.size === 0 ? [CONSOLE_CHANNEL] : [...channels.keys()]
  const meant = nearest(name, names)
  const hint = meant === null ? `there is: ${names.join(', ')}` : `did you mean ${meant}?`
  return `no channel "${display(name)}" in the watch list; ${hint}`
}

async function sendTest(notifier: Notifier, host: string): Promise<Delivery> {
  const at = systemClock.now()
  const dedupeKey = sha256(randomId('ntf'))
  const notification: Notification = {
    id: randomId('ntf') as NotificationId,
    channel: notifier.id,
    thread: randomId('thr') as ThreadId,
    createdAt: at,
    notBefore: at,
    dedupeKey,
    severity: 'info',
    held: null,
    content: { kind: 'test', host, at },
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
    firstAttemptAt: at,
    ambiguous: false,
    threadReference: null,
  }
  return notifier.send(attempt, new AbortController().signal)
}

function signedWords(outcome: SigningOutcome | null): string {
  if (outcome === null) return ''
  return outcome.outcome === 'signed' ? ', signed with DKIM' : `, but not signed: ${outcome.why}`
}

interface Told {
  readonly id: ChannelId
  readonly type: ChannelType
  readonly took: string
  readonly delivery: Delivery
  readonly signed: string
}

function tell({ id, type, took, delivery, signed }: Told, io: Io): number {
  const which = `channel ${id} (${type})`
  switch (delivery.outcome) {
    case 'delivered':
      io.out(`delivered: ${which} has the test message, in ${took}${signed}\n`)
      return EXIT.ok
    case 'delivered-in-part':
      io.err(`delivered in part: ${which}, but not to ${delivery.error}\n`)
      return EXIT.findings
    case 'ambiguous':
      io.err(
        `perhaps delivered: ${which} took the message but did not confirm it: ${delivery.error}; look whether it has arrived\n`,
      )
      return EXIT.findings
    case 'retry':
      io.err(`not delivered: ${which}: ${withRemedy(delivery.error, notifyRemedy(type, null))}\n`)
      return EXIT.findings
    case 'rejected':
      io.err(
        `not delivered: ${which}: ${withRemedy(delivery.error, notifyRemedy(type, delivery.errorCode))}\n`,
      )
      return EXIT.findings
  }
}

function withRemedy(error: string, remedy: string | null): string {
  return remedy === null ? error : `${error}; ${remedy}`
}
