import type { Socket } from 'node:net'
import { display } from '../lib/display.ts'
import { addressDomain } from '../protocol/mail-address.ts'
import { SmtpAttempt } from './smtp-attempt.ts'
import type { SmtpError } from './smtp-failure.ts'
import type { MailDeadlines, MailOutcome, MailTransport, OutgoingMail } from './transport.ts'

/** A mail host of the recipient's domain, and the way to one of its addresses. */
export interface MailExchanger {
  /** As the MX record has it. */
  readonly name: string
  /** As told to people: `mx1.example.com [192.0.2.1]`. */
  readonly label: string
  /** Rejects when the address cannot be reached, or must not be. */
  connect(signal: AbortSignal): Promise<Socket>
}

export type FoundExchangers =
  | { readonly outcome: 'found'; readonly exchangers: readonly MailExchanger[] }
  /** The domain takes no mail (RFC 7505), or does not exist. */
  | { readonly outcome: 'none'; readonly why: string }
  | { readonly outcome: 'unknown'; readonly why: string }

export interface DirectTransportOptions {
  /** The name given in EHLO. */
  readonly ehloName: string
  readonly deadlines: MailDeadlines
  /** In the order in which they are to be tried (RFC 5321 §5.1). */
  find(mailDomain: string, signal: AbortSignal): Promise<FoundExchangers>
}

const ERROR_MAX = 500
/** More hosts than this are not tried in one attempt. */
const EXCHANGERS_MAX = 6

/**
 * Hands a mail with one recipient straight to the mail hosts of its domain, with TLS where there is any and whatever its
 * certificate is worth: a TLS report has to arrive although TLS is broken (RFC 8460 §3). Not for other mail.
 */
export function directTransport(options: DirectTransportOptions): MailTransport {
  return {
    async send(mail, signal) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.deadlines.totalMs)])
      const [to, ...others] = mail.to
      if (to === undefined || others.length > 0) throw new Error('one recipient at a time')
      const found = await options.find(addressDomain(to), deadline)
      if (found.outcome === 'none')
        return { outcome: 'rejected', code: 'smtp_no_mx', error: shown(found.why) }
      if (found.outcome === 'unknown') return { outcome: 'retry', error: shown(found.why) }
      return await tryEach(mail, found.exchangers.slice(0, EXCHANGERS_MAX), options, deadline)
    },
  }
}

/**
 * The next host is tried when one cannot be reached or puts us off; who refuses speaks for the domain. When none takes it,
 * what each of them said is told.
 */
async function tryEach(
  mail: OutgoingMail,
  exchangers: readonly MailExchanger[],
  options: DirectTransportOptions,
  deadline: AbortSignal,
): Promise<MailOutcome> {
  const errors: string[] = []
  for (const exchanger of exchangers) {
    const outcome = await attempt(mail, exchanger, options, deadline)
    if (outcome.outcome !== 'retry') return outcome
    errors.push(outcome.error)
    if (deadline.aborted) break
  }
  return {
    outcome: 'retry',
    error: errors.length === 0 ? 'no mail host of the domain has an address' : shown(errors.join('; ')),
  }
}

/** RFC 8460 §3: a report is delivered in spite of any TLS failure, and be it in the clear. */
async function attempt(
  mail: OutgoingMail,
  exchanger: MailExchanger,
  options: DirectTransportOptions,
  deadline: AbortSignal,
): Promise<MailOutcome> {
  const { brokeBeforeMail, outcome } = await attemptOnce(mail, exchanger, options, {
    deadline,
    ignoreTLS: false,
  })
  if (!brokeBeforeMail || deadline.aborted) return outcome
  const { outcome: plain } = await attemptOnce(mail, exchanger, options, { deadline, ignoreTLS: true })
  if (plain.outcome !== 'retry' || outcome.outcome !== 'retry') return plain
  return { outcome: 'retry', error: shown(`${outcome.error}; and without TLS: ${plain.error}`) }
}

async function attemptOnce(
  mail: OutgoingMail,
  { name, label, connect }: MailExchanger,
  { ehloName, deadlines }: DirectTransportOptions,
  { deadline, ignoreTLS }: { readonly deadline: AbortSignal; readonly ignoreTLS: boolean },
): Promise<{ readonly outcome: MailOutcome; readonly brokeBeforeMail: boolean }> {
  let socket: Socket | null = null
  let session: SmtpAttempt | null = null
  try {
    socket = await connect(deadline)
    session = new SmtpAttempt(
      {
        connection: socket,
        // For SNI.
        host: name,
        name: ehloName,
        ignoreTLS,
        opportunisticTLS: true,
        tls: { rejectUnauthorized: false },
        connectionTimeout: deadlines.setupMs,
        greetingTimeout: deadlines.greetingMs,
        socketTimeout: deadlines.silenceMs,
      },
      null,
    )
    const info = await session.run(mail, deadline)
    const note = shown(`${label}: ${info.response}`)
    return { outcome: { outcome: 'accepted', refused: [], note }, brokeBeforeMail: false }
  } catch (thrown) {
    const error = thrown as SmtpError
    const outcome = classify(error, session?.handedOver ?? false, label)
    // The server spoke, and no session came about: it may hang at STARTTLS as well as in the handshake.
    const hasSpoken = (socket?.bytesRead ?? 0) > 0 && error.responseCode === undefined
    return { outcome, brokeBeforeMail: hasSpoken && session?.entered === false }
  }
}

/** RFC 5321 §4.2.1: 4yz asks to come again; any reply at all means that we know what became of the message. */
function classify(error: SmtpError, handedOver: boolean, label: string): MailOutcome {
  const text = shown(`${label}: ${error.message.trim()}`)
  const code = error.responseCode
  // RFC 3207 §4: nothing goes without STARTTLS, which says nothing about the recipient; its TLS may be mended.
  if (code === 530) return { outcome: 'retry', error: text }
  if (code !== undefined && code >= 500) return { outcome: 'rejected', code: `smtp_${code}`, error: text }
  if (code === undefined && handedOver) return { outcome: 'ambiguous', error: text }
  return { outcome: 'retry', error: text }
}

function shown(text: string): string {
  return display(text, ERROR_MAX)
}
