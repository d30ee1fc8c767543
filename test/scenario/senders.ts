/** Senders that report to us: their keys in the lab's DNS, their signed mails in the lab's mailbox. */

import { IMAP_PASSWORD, IMAP_USER } from '../../src/lab/imap-login.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { LabRecord, LabZone } from '../../src/lab/world.ts'
import { DAY_MS, SECOND_MS, type UnixMs } from '../../src/lib/time.ts'
import { rsaKey, signed } from '../unit/mailbox/dkim-signer.ts'
import { HUMAN, mail } from '../unit/mailbox/mail-builder.ts'

const SELECTOR = 'reports'

export interface Claim {
  readonly domain: string
  /** Midnight of the day that is reported. */
  readonly dayAt: UnixMs
  readonly successful: number
  readonly failed: number
  readonly resultType: string
  readonly mx: string
  readonly receivingIp: string
  readonly policyString: readonly string[]
}

const CLAIM: Claim = {
  domain: 'example.com',
  dayAt: 0,
  successful: 100,
  failed: 0,
  resultType: 'certificate-expired',
  mx: 'mx1.example.com',
  receivingIp: '',
  policyString: [],
}

export class Sender {
  readonly domain: string
  readonly #key = rsaKey(2048)

  constructor(domain: string) {
    this.domain = domain
  }

  /** The key record, as RFC 8460 §3 wants it. */
  get record(): LabRecord {
    const name = `${SELECTOR}._domainkey.${this.domain}`
    return { name, ttlSeconds: 300, type: 'TXT', text: `v=DKIM1; k=rsa; s=tlsrpt; p=${this.#key.p}` }
  }

  get zone(): LabZone {
    return { name: this.domain, secure: false }
  }

  /** A whole report mail, signed. */
  mail(claim: Partial<Claim>): Buffer {
    return signed(this.unsigned(claim), {
      domain: this.domain,
      selector: SELECTOR,
      key: this.#key.privateKey,
    })
  }

  unsigned(claim: Partial<Claim>): Buffer {
    const said = { ...CLAIM, ...claim }
    const day = new Date(said.dayAt).toISOString().slice(0, 10)
    const headers = [`TLS-Report-Domain: ${said.domain}`, `TLS-Report-Submitter: ${this.domain}`]
    const id = `${day}.${said.domain}@${this.domain}`
    const plain = mail({
      subject: `Report Domain: ${said.domain} Submitter: ${this.domain} Report-ID: <${id}>`,
      reportHeaders: headers,
      parts: [
        HUMAN,
        {
          type: 'application/tlsrpt+json',
          body: JSON.stringify(this.#report(said, id)),
          name: 'report.json',
        },
      ],
    })
    return Buffer.from(plain.toString('latin1').replace('tls@sender.example', `tls@${this.domain}`), 'latin1')
  }

  #report(claim: Claim, id: string): object {
    const { dayAt, failed, receivingIp } = claim
    const detail = {
      'result-type': claim.resultType,
      'sending-mta-ip': '198.51.100.1',
      'receiving-mx-hostname': claim.mx,
      ...(receivingIp === '' ? {} : { 'receiving-ip': receivingIp }),
      'failed-session-count': failed,
    }
    return {
      'organization-name': this.domain,
      'date-range': {
        'start-datetime': new Date(dayAt).toISOString().replace('.000Z', 'Z'),
        'end-datetime': new Date(dayAt + DAY_MS - SECOND_MS).toISOString().replace('.000Z', 'Z'),
      },
      'contact-info': `tls@${this.domain}`,
      'report-id': id,
      policies: [
        {
          policy: {
            'policy-type': 'sts',
            'policy-domain': claim.domain,
            ...(claim.policyString.length === 0 ? {} : { 'policy-string': claim.policyString }),
            'mx-host': [claim.mx],
          },
          summary: {
            'total-successful-session-count': claim.successful,
            'total-failure-session-count': failed,
          },
          ...(failed === 0 ? {} : { 'failure-details': [detail] }),
        },
      ],
    }
  }
}

/** What a process needs to read the lab's mailbox. */
export function mailboxEnv(lab: Lab): Readonly<Record<string, string>> {
  const login = `${encodeURIComponent(IMAP_USER)}:${encodeURIComponent(IMAP_PASSWORD)}`
  return { IMAP_URL: `imap://${login}@${lab.imap.host}:${lab.imap.port}` }
}
