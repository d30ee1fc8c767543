/**
 * Whether the content of a mail's part stands in the mail as clean base64. Our MIME library decodes anything that looks a
 * little like base64 (RFC 2045 §6.8 asks for that) and does not tell.
 */
export interface Base64Form {
  readonly isDamaged: (content: Uint8Array) => boolean
}

/** Looks at the mail when first asked; only mails that use base64 and no other such encoding are judged. */
export function base64Form(mail: Uint8Array): Base64Form {
  let flat: string | null = null
  return {
    isDamaged: (content) => {
      flat ??= flatten(mail)
      if (flat === '') return false
      const encoded = Buffer.from(content).toString('base64')
      const at = flat.indexOf(encoded)
      return at === -1 || !/^\s*(?:--|$)/.test(flat.slice(at + encoded.length, at + encoded.length + 200))
    },
  }
}

/** The mail without line ends; empty when it is not to be judged. */
function flatten(mail: Uint8Array): string {
  const text = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength).toString('latin1')
  const encodings = text.match(/^content-transfer-encoding:.*/gim) ?? []
  const isBase64Only =
    encodings.some((line) => /base64/i.test(line)) &&
    !encodings.some((line) => /quoted-printable|binary/i.test(line))
  return isBase64Only ? text.replace(/[\r\n]+/g, '') : ''
}
