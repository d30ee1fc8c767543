import { describe, expect, test } from 'vitest'
import { Secret } from '../../../../src/lib/secret.ts'
import { parseSubmissionUrl } from '../../../../src/protocol/smtp/submission-url.ts'

const parse = (url: string) => parseSubmissionUrl(new Secret(url))

describe('a mail server', () => {
  test.each([
    ['smtps://mail.example.net', 'mail.example.net', 465, 'implicit'],
    ['smtp://mail.example.net', 'mail.example.net', 587, 'starttls'],
    ['smtp://mail.example.net:25/', 'mail.example.net', 25, 'starttls'],
    ['smtp://192.0.2.1', '192.0.2.1', 587, 'starttls'],
    ['smtp://localhost:2525', 'localhost', 2525, 'loopback'],
    ['smtp://127.0.0.2', '127.0.0.2', 587, 'loopback'],
    ['smtp://[::1]:25', '::1', 25, 'loopback'],
    ['smtps://localhost', 'localhost', 465, 'implicit'],
    ['smtp://127.0.0.1.example.net', '127.0.0.1.example.net', 587, 'starttls'],
    [' SMTPS://Mail.Example.net\n', 'mail.example.net', 465, 'implicit'],
  ])('%s', (url, host, port, security) => {
    expect(parse(url)).toEqual({ ok: true, value: { host, port, security, user: null, password: null } })
  })

  test('user and password are percent-decoded', () => {
    const parsed = parse('smtps://me%40example.net:p%3A%2F%23%C3%A4@mail.example.net')
    expect(parsed.ok && [parsed.value.user, parsed.value.password?.reveal()]).toEqual([
      'me@example.net',
      'p:/#ä',
    ])
  })
})

describe('what is wrong is said without the value', () => {
  test.each([
    'hunter2',
    'https://u:hunter2@mail.example.net',
    'smtp://u:hunter2@',
    'smtp://u:hunter2@mail.example.net/path',
    'smtp://u:hunter2@mail.example.net?pool=true',
    'smtp://u:hunter2#x@mail.example.net',
    'smtp://u:%zzhunter2@mail.example.net',
    'smtp://u@mail.example.net',
    'smtp://:hunter2@mail.example.net',
    'smtp://u:hunter2@bad_.-name.test',
  ])('%s', (url) => {
    const parsed = parse(url)
    expect(parsed.ok).toBe(false)
    expect(JSON.stringify(parsed)).not.toContain('hunter2')
  })
})
