/**
 * Whether the content of a mail's part stands in the mail as clean base64. Our MIME library decodes anything that looks a
 * little like base64 (RFC 2045 §6.8 asks for that) and does not tell.
 */
export interface Base64Form {
  readonly isDamaged: (content: Uint8Array) => boolean
}

/** Looks at a mail once; only mails that use base64 and nothing like it are judged. */
export function base64Form(mail: Uint8Array): Base64Form {
  const text = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength).toString('latin1')
  const encodings = text.match(/^content-transfer-encoding:.*/gim) ?? []
  const isBase64Only =
    encodings.some((line) => /base64/i.test(line)) &&
    !encodings.some((line) => /quoted-printable|binary/i.test(line))
  if (!isBase64Only) return { isDamaged: () => false }
  const flat = text.replace(/[\r\n]+/g, '')
  return {
    isDamaged: (content) => {
      const encoded = Buffer.from(content).toString('base64')
      const at = flat.indexOf(encoded)
      return at === -1 || !/^\s*(?:--|$)/.test(flat.slice(at + encoded.length, at + encoded.length + 200))
    },
  }
}
