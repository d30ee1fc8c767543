import { expect, test } from 'vitest'
import { painter } from '../../../src/cli/paint.ts'
import { renderLook } from '../../../src/cli/render-look.ts'
import { face, faced, old, renewed, rsa, shown } from '../check/broken-faces.ts'
import { failed, NOW, serving } from '../check/snapshot-builder.ts'

test('the other faces of a host stand below the address that shows them', () => {
  const snapshot = faced(
    old(20),
    face(25, shown(rsa()), 'rsa'),
    face(465, { outcome: 'closed' }),
    face(587, { outcome: 'no-tls' }),
    face(993, shown(renewed())),
    { ...face(443, { outcome: 'closed' }), look: failed('connect-timeout') },
  )
  const lines = renderLook(snapshot, NOW, painter(false)).split('\n')
  const from = lines.findIndex((line) => line.includes('192.0.2.25'))
  expect(lines.slice(from, from + 6).map((line) => line.trim().replace(/ +/g, ' '))).toEqual([
    '✓ 192.0.2.25 STARTTLS TLSv1.3, certificate until 2026-12-13 (20 days)',
    '✓ 25 RSA TLSv1.3, certificate until 2027-01-22 (60 days)',
    '· port 465 closed',
    '· port 587 STARTTLS is not offered',
    '✓ port 993 TLSv1.3, certificate until 2027-02-19 (88 days)',
    '· port 443 could not be looked at: connect-timeout in the test',
  ])
})

test('a host without the other key type says so', () => {
  const snapshot = faced(old(20), face(25, { outcome: 'no-such-key' }, 'rsa'))
  expect(renderLook(snapshot, NOW, painter(false))).toContain('no RSA certificate')
})

test.each([
  [604_800, '7 days'],
  [86_400, '24 hours'],
  [300, '5 minutes'],
])('a max_age of %i is told as %s', (seconds, told) => {
  const body = `version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: ${seconds}\n`
  expect(renderLook(serving(body), NOW, painter(false))).toContain(`max_age ${told}, `)
})
