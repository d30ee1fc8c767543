import type { DistrustCode } from '../model/received-report.ts'

/** Why nobody answers for a report, and what can be done about it; each a sentence. */
export interface DistrustWords {
  /** Two or three words, for totals and tables. */
  readonly short: string
  readonly reason: string
  readonly remedy: string
}

const ASK_SENDER = 'Only the sender can mend this; its contact-info names whom to write to.'

/** RFC 8460 §3 wants report mails signed with DKIM (RFC 6376), the signature without l=. */
export const DISTRUST_WORDS: Readonly<Record<DistrustCode, DistrustWords>> = {
  'no-mail': {
    short: 'no mail around it',
    reason: 'It came as a bare file, so there is no signature that could be checked.',
    remedy:
      'Import the whole mail instead, or, if you know where the file comes from, import it again with --admit.',
  },
  unsigned: {
    short: 'unsigned',
    reason: 'The mail carries no DKIM signature, so anybody may have written it.',
    remedy: ASK_SENDER,
  },
  'signature-broken': {
    short: 'signature broken',
    reason: 'The mail was changed after it was signed, or never fitted its signature.',
    remedy:
      'Have reports delivered straight to the mailbox: banners, virus scanners, mailing lists and forwarders that change a mail break its signature.',
  },
  'signature-malformed': {
    short: 'signature malformed',
    reason: 'The DKIM signature cannot be read.',
    remedy: ASK_SENDER,
  },
  'signature-expired': {
    short: 'signature expired',
    reason: 'The signature had expired when the mail was read.',
    remedy:
      'Have the mailbox read more often than signatures expire; admit the report if it lay there for long.',
  },
  'signature-from-the-future': {
    short: 'signed in the future',
    reason: 'The signature bears a time that lies ahead.',
    remedy: 'Check the clock of this machine; if it is right, the sender’s is wrong.',
  },
  'body-length-limit': {
    short: 'body partly unsigned',
    reason: 'The signature leaves part of the body unsigned (l=), which RFC 8460 §3 forbids.',
    remedy: ASK_SENDER,
  },
  'algorithm-too-weak': {
    short: 'weak algorithm',
    reason: 'The signature uses an algorithm that is no longer safe (RFC 8301).',
    remedy: ASK_SENDER,
  },
  'key-missing': {
    short: 'key missing',
    reason: 'The key that the signature names is not in the DNS.',
    remedy:
      'Senders withdraw keys after some months: an old mail can no longer be checked, and may be admitted.',
  },
  'key-malformed': {
    short: 'key malformed',
    reason: 'The key record in the DNS cannot be read.',
    remedy: ASK_SENDER,
  },
  'key-too-short': {
    short: 'key too short',
    reason: 'The key is too short to mean anything (RFC 8301).',
    remedy: ASK_SENDER,
  },
  'key-for-another-service': {
    short: 'key for another service',
    reason: 'The key record allows neither every service nor tlsrpt (RFC 8460 §3).',
    remedy: ASK_SENDER,
  },
  'key-in-test-mode': {
    short: 'key in test mode',
    reason: 'The key record says that the sender is only testing DKIM (t=y).',
    remedy: ASK_SENDER,
  },
  'header-unsigned': {
    short: 'headers unsigned',
    reason: 'The signature does not cover the headers that it has to.',
    remedy: ASK_SENDER,
  },
  'signer-not-aligned': {
    short: 'signed by another domain',
    reason: 'The domain that signed is not the one that the mail says it is from.',
    remedy: 'Admit the sender if the signing domain is known to send in its name.',
  },
  'from-ambiguous': {
    short: 'From ambiguous',
    reason: 'The mail has no From address, or more than one, so nobody can be held to it.',
    remedy: ASK_SENDER,
  },
}
