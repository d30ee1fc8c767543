import { describe, expect, test } from 'vitest'
import { Secret } from '../../../../src/lib/secret.ts'
import { parseAccountUrl } from '../../../../src/protocol/imap/account-url.ts'

const parse = (url: string) => parseAccountUrl(new Secret(url))

describe('a mailbox', () => {
  test.each([
    ['imaps://u@mail.example.net', 'mail.example.net', 993, 'implicit'],
    ['imap://u@mail.example.net', 'mail.example.net', 143, 'starttls'],
    ['imap://u@mail.example.net:1143/', 'mail.example.net', 1143, 'starttls'],
    ['imap://u@localhost', 'localhost', 143, 'loopback'],
    ['imap://u@127.0.0.2:10143', '127.0.0.2', 10143, 'loopback'],
    ['imap://u@[::1]', '::1', 143, 'loopback'],
    ['imaps://u@localhost', 'localhost', 993, 'implicit'],
    ['imap://u@127.0.0.1.example.net', '127.0.0.1.example.net', 143, 'starttls'],
    [' IMAPS://u@Mail.Example.net\n', 'mail.example.net', 993, 'implicit'],
  ])('%s', (url, host, port, security) => {
    expect(parse(url)).toEqual({ ok: true, value: { host, port, security, user: 'u', password: null } })
  })

  test('user and password are percent-decoded', () => {
    const parsed = parse('imaps://me%40example.net:p%3A%2F%23%C3%A4@mail.example.net')
    expect(parsed.ok && [parsed.value.user, parsed.value.password?.reveal()]).toEqual([
      'me@example.net',
      'p:/#ä',
    ])
  })
})

describe('what is refused, without its value', () => {
  test.each([
    ['canary', 'is no URL; write imaps://user:password@mail.example.net (RFC 8314)'],
    ['pop3://u:canary@mail.example.net', 'must begin with imap:// or imaps://'],
    ['imaps://mail.example.net', 'names no user; write imaps://user:password@mail.example.net'],
    ['imaps://:canary@mail.example.net', 'names no user; write imaps://user:password@mail.example.net'],
    ['imap://u:canary@mail..example', 'names no valid host'],
    ['imaps://u:canary@mail.example.net/INBOX', 'must end after host and port: a path'],
    ['imaps://u:canary@mail.example.net?x', 'must end after host and port: a path'],
    ['imaps://u:canary%zz@mail.example.net', 'has a % in user or password'],
    ['imaps://u:canary%0d%0aA1%20LOGOUT@mail.example.net', 'has a control character in user or password'],
    ['imaps://u%00:canary@mail.example.net', 'has a control character in user or password'],
  ])('%s', (url, beginning) => {
    const parsed = parse(url)
    expect(parsed).toEqual({ ok: false, error: expect.stringMatching(/^(?!.*canary)/) })
    expect(!parsed.ok && parsed.error.slice(0, beginning.length)).toBe(beginning)
  })
})
