import type { MailSigner, SigningOutcome } from './mail-signer.ts'
import type { MailTransport } from './transport.ts'

/**
 * A transport that signs what it sends. A mail that cannot be signed goes out as it is: an alert without a signature is
 * worth more than none. `heard` is told what became of each. Signatures of one mail with one key are always the same
 * bytes, so that every attempt still sends the same message (R65).
 */
export function signingTransport(
  transport: MailTransport,
  signer: MailSigner,
  heard: (outcome: SigningOutcome) => void,
): MailTransport {
  return {
    async send(mail, signal) {
      const { raw, ...outcome } = await signer.sign(mail.raw)
      heard(outcome)
      return transport.send({ ...mail, raw }, signal)
    },
  }
}
