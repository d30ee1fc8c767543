import { expect, it } from 'vitest'
import { matchesDnsId } from '../../../../src/protocol/x509/identity.ts'

it.each([
  [['mail.example.com'], 'mail.example.com', true],
  [['MAIL.example.com'], 'mail.EXAMPLE.com', true],
  [['mail.example.com'], 'mail.example.com.', true],
  [['a.example', 'mail.example.com'], 'mail.example.com', true],
  [['*.example.com'], 'mail.example.com', true],
  [['*.example.com'], 'xn--mnchen-3ya.example.com', true],
  [['*.xn--mnchen-3ya.example'], 'mx.münchen.example', true],
  [['mail_1.example.com'], 'mail_1.example.com', true],
  [['*.example.com'], 'example.com', false],
  [['*.example.com'], 'a.b.example.com', false],
  [['*.example.com'], '.example.com', false],
  [['*.example.com'], '*.example.com', false],
  [['m*.example.com'], 'mail.example.com', false],
  [['mail.*.com'], 'mail.example.com', false],
  [['*.*.com'], 'mail.example.com', false],
  [['*'], 'localhost', false],
  [['*.'], 'localhost', false],
  [['mail.example.com.'], 'mail.example.com', false],
  [['192.0.2.1'], '192.0.2.1', false],
  [['*.0.2.1'], '192.0.2.1', false],
  [['2001:db8::1'], '2001:db8::1', false],
  [[''], '', false],
  [['.'], '.', false],
  [[], 'mail.example.com', false],
])('%j presents %s: %s', (dnsNames, host, presented) => {
  expect(matchesDnsId(dnsNames, host)).toBe(presented)
})
