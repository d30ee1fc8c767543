import { Readable } from 'node:stream'
import SmtpConnection, { type SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection'
import type { Secret } from '../lib/secret.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { OutgoingMail } from './transport.ts'

export interface SmtpLogin {
  readonly user: string
  readonly password: Secret
}

export type SmtpConnectionOptions = ConstructorParameters<typeof SmtpConnection>[0]

const FAREWELL_MS = 5 * SECOND_MS

/** One connection, one message. */
export class SmtpAttempt {
  /** The whole message was given to the connection: from here on silence means "perhaps". */
  handedOver = false
  readonly #login: SmtpLogin | null
  readonly #connection: SmtpConnection

  constructor(options: SmtpConnectionOptions, login: SmtpLogin | null) {
    this.#login = login
    this.#connection = new SmtpConnection(options)
  }

  /** STARTTLS was agreed upon, and the handshake that followed has not come to its end. */
  get isInHandshake(): boolean {
    return this.#connection.upgrading === true
  }

  /** Hands the mail over. Rejects with what nodemailer throws. */
  run(mail: OutgoingMail, deadline: AbortSignal): Promise<SMTPConnectionSendInfo> {
    return this.#within(deadline, async () => {
      await this.#enter()
      return this.#hand(mail)
    })
  }

  /** Connects and logs in, and leaves. */
  visit(deadline: AbortSignal): Promise<void> {
    return this.#within(deadline, () => this.#enter())
  }

  async #within<T>(deadline: AbortSignal, converse: () => Promise<T>): Promise<T> {
    const { promise: failure, reject } = Promise.withResolvers<never>()
    const stop = () => reject(new Error('no answer in time'))
    // The losing side of a race below may fail later, when nobody listens any more.
    failure.catch(() => {})
    this.#connection.on('error', reject)
    this.#connection.once('end', () => reject(new Error('the connection ended')))
    deadline.addEventListener('abort', stop, { once: true })
    if (deadline.aborted) stop()
    try {
      const result = await Promise.race([converse(), failure])
      this.#leave()
      return result
    } catch (error) {
      this.#connection.close()
      throw error
    } finally {
      deadline.removeEventListener('abort', stop)
    }
  }

  async #enter(): Promise<void> {
    await settled<unknown>((done) => this.#connection.connect((error) => done(error ?? null, null)))
    if (this.#login === null) return
    const auth = { user: this.#login.user, pass: this.#login.password.reveal() }
    await settled<unknown>((done) => this.#connection.login(auth, done))
  }

  #hand(mail: OutgoingMail): Promise<SMTPConnectionSendInfo> {
    const message = Readable.from([Buffer.from(mail.raw, 'latin1')])
    message.once('end', () => {
      this.handedOver = true
    })
    const envelope = { from: mail.from, to: [...mail.to] }
    return settled((done) => this.#connection.send(envelope, message, done))
  }

  /** RFC 5321 §4.1.1.10: QUIT, but a server that does not answer it shall not keep us. */
  #leave(): void {
    AbortSignal.timeout(FAREWELL_MS).addEventListener('abort', () => this.#connection.close(), { once: true })
    this.#connection.quit()
  }
}

type Done<T> = (error: Error | null, result?: T) => void

function settled<T>(begin: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    begin((error, result) => (error === null ? resolve(result as T) : reject(error)))
  })
}
