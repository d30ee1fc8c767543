import fc from 'fast-check'
import { expect, it } from 'vitest'
import { authenticate } from '../../src/mailbox/authenticate.ts'
import type { KeyLookUp } from '../../src/mailbox/signing-key.ts'
import { readAuthenticationResults } from '../../src/protocol/authentication-results.ts'
import { authorDomain } from '../../src/protocol/author-domain.ts'
import { readKeyRecord } from '../../src/protocol/dkim/key-record.ts'
import { readDkimSignature } from '../../src/protocol/dkim/signature-header.ts'
import { rsaKey, SIGNED_HEADERS, signed } from '../unit/mailbox/dkim-signer.ts'
import { HUMAN, MACHINE, mail } from '../unit/mailbox/mail-builder.ts'
import { mutated } from './mutated.ts'

const NOW = Date.UTC(2026, 0, 11)
const key = rsaKey(1024)
const answer: KeyLookUp = { outcome: 'found', texts: [`v=DKIM1; p=${key.p}`] }
const MAILS = ['relaxed/relaxed', 'simple/simple'].map((canonicalization) =>
  signed(mail({ parts: [HUMAN, MACHINE] }), {
    domain: 'sender.example',
    selector: 'good',
    key: key.privateKey,
    canonicalization,
  }),
)

const judge = (bytes: Uint8Array, keys: KeyLookUp = answer) =>
  authenticate(bytes, async () => keys, NOW, { trustAuthservId: 'mx.border.example' })

/**
 * A mail without what relaxed canonicalization lets pass: white space, line ends, the case of field names, the order of
 * different fields, and further To and Date fields above those that are signed.
 */
function meaning(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/\r?\n/g, '\r\n')
  const end = text.indexOf('\r\n\r\n')
  const fields = text
    .slice(0, end)
    .replace(/\r\n([ \t])/g, '$1')
    .split('\r\n')
    .map((line) =>
      line.replace(/[ \t]+/g, ' ').replace(/^([^:]*?) ?: ?/, (_, name) => `${name.toLowerCase()}:`),
    )
  const header = SIGNED_HEADERS.flatMap((name) => {
    const same = fields.filter((line) => line.startsWith(`${name.toLowerCase()}:`)).map((line) => line.trim())
    return ['To', 'Date'].includes(name) ? same.slice(-1) : same
  })
  const body = text
    .slice(end + 4)
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
  return `${header.join('\n')}\n\n${body.trimEnd()}`
}

it('a byte flipped in the body or in a signed header never verifies', async () => {
  for (const original of MAILS) {
    expect(await judge(original)).toMatchObject({ trust: 'verified' })
    const place = fc.nat(original.length - 1)
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(original)
        bytes[at] = (bytes[at] ?? 0) ^ flip
        const found = await judge(bytes)
        if ('trust' in found && found.trust === 'verified') expect(meaning(bytes)).toBe(meaning(original))
      }),
      { numRuns: 1_500 },
    )
  }
})

it('a mail that was mutated verifies only if it means the same, and never throws', async () => {
  const originals = MAILS.map(meaning)
  await fc.assert(
    fc.asyncProperty(mutated(MAILS), async (bytes) => {
      const found = await judge(bytes)
      if ('trust' in found && found.trust === 'verified') expect(originals).toContain(meaning(bytes))
      if ('trust' in found) expect(found.trust).not.toBe('border')
    }),
    { numRuns: 1_500 },
  )
})

it('no key record makes a mail verified but one with its own modulus', async () => {
  // The frame around it has more than one spelling.
  const modulus = key.p.slice(60, 160)
  const record = Buffer.from(answer.outcome === 'found' ? (answer.texts[0] ?? '') : '')
  await fc.assert(
    fc.asyncProperty(mutated([record]), async (bytes) => {
      const text = bytes.toString('latin1')
      const found = await judge(MAILS[0] ?? Buffer.alloc(0), { outcome: 'found', texts: [text] })
      if ('trust' in found && found.trust === 'verified') expect(text.replace(/\s/g, '')).toContain(modulus)
    }),
    { numRuns: 500 },
  )
})

it('the readers of headers and records never throw', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'v=1;',
      'd=',
      'from',
      ':',
      ';',
      '=',
      '"',
      '(',
      ')',
      '\\',
      '<',
      '>',
      '@',
      ',',
      '\r\n ',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  )
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, (value) => {
      authorDomain(value)
      readAuthenticationResults(value)
      readKeyRecord(value)
      readDkimSignature(value)
    }),
    { numRuns: 3_000 },
  )
})
