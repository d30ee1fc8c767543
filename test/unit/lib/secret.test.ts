import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { jsonLogger } from '../../../src/lib/log.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { redact } from '../../../src/lib/redact.ts'
import { Secret } from '../../../src/lib/secret.ts'

const VALUE = 'xoxb-hush-hush'
const secret = new Secret(VALUE)

function logged(): string {
  let line = ''
  const log = jsonLogger((text) => {
    line = text
  }, manualClock(0))
  log.error('failed', { secret: secret as never, list: [secret as never] })
  return line
}

const PRINTERS: Readonly<Record<string, () => string>> = {
  'String()': () => String(secret),
  'a template': () => `${secret}`,
  concatenation: () => `${''}${secret as unknown as string}`,
  'Array.join': () => [secret, secret].join(' '),
  'JSON.stringify': () => JSON.stringify({ secret, list: [secret] }),
  'util.inspect': () => inspect(secret),
  'util.inspect of what holds it': () => inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
  'util.inspect without its custom form': () => inspect(secret, { customInspect: false, showHidden: true }),
  'util.format %s %o %O %j': () => format('%s %o %O %j', secret, secret, secret, secret),
  'an error message': () => inspect(new Error(`refused ${secret}`, { cause: secret })),
  'the keys and values of the object': () => inspect([Object.entries(secret), { ...secret }]),
  'its property descriptors': () =>
    inspect([Object.getOwnPropertyDescriptors(secret), Reflect.ownKeys(secret)]),
  'structured cloning': () => serialize({ ...secret }).toString('latin1'),
  'the log': logged,
}

describe('a secret', () => {
  test.each(Object.entries(PRINTERS))('is not printed by %s', (_, print) => {
    expect(print()).not.toContain('hush')
  })

  test.each(['String()', 'a template', 'JSON.stringify', 'util.inspect', 'the log'])(
    'shows by %s that something stood there',
    (name) => {
      expect(PRINTERS[name]?.()).toContain('[secret]')
    },
  )

  test('gives its value to who asks for it', () => {
    expect(secret.reveal()).toBe(VALUE)
  })
})

describe('redact', () => {
  test.each([
    ['as it is', `token ${VALUE} refused`, 'token [secret] refused'],
    ['twice', `${VALUE}${VALUE}`, '[secret][secret]'],
    ['in base64', `auth ${btoa(VALUE)}`, 'auth [secret]'],
    ['URL-encoded', `https://e.test/?t=${encodeURIComponent('a b/c?d')}`, 'https://e.test/?t=[secret]'],
    ['not at all', 'all is well', 'all is well'],
  ])('takes out what far sides quote %s', (_, text, clean) => {
    expect(redact(text, [secret, new Secret('a b/c?d')])).toBe(clean)
  })

  test('does not blot out ordinary words for a very short secret', () => {
    expect(redact('a mail was sent', [new Secret('a')])).toBe('a mail was sent')
  })
})
