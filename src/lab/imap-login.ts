/** Who may log in to the lab's mailbox. */

export const IMAP_USER = 'reports@lab.example'
export const IMAP_PASSWORD = 'the lab knows no secrets'
export const IMAP_TOKEN = 'lab-access-token'

/** The answer to what a client says of itself by SASL, base64 as it came (RFC 4616; XOAUTH2). */
export function isKnown(mechanism: string, base64: string): boolean {
  const said = Buffer.from(base64, 'base64').toString('utf8')
  if (mechanism === 'PLAIN') return said === `\0${IMAP_USER}\0${IMAP_PASSWORD}`
  return mechanism === 'XOAUTH2' && said === `user=${IMAP_USER}\x01auth=Bearer ${IMAP_TOKEN}\x01\x01`
}
