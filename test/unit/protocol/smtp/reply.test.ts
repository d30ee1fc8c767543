import { describe, expect, test } from 'vitest'
import { capabilitiesOf, offersStartTls } from '../../../../src/protocol/smtp/ehlo.ts'
import { formatReply, parseReplyLine } from '../../../../src/protocol/smtp/reply.ts'

describe('one line of an SMTP reply', () => {
  test.each([
    ['220 mx.example.com ESMTP', { code: 220, last: true, text: 'mx.example.com ESMTP' }],
    ['250-STARTTLS', { code: 250, last: false, text: 'STARTTLS' }],
    ['250', { code: 250, last: true, text: '' }],
    ['554 ', { code: 554, last: true, text: '' }],
    ['421 4.3.2  two  blanks ', { code: 421, last: true, text: '4.3.2  two  blanks ' }],
    ['250 nul \0 and \r inside', { code: 250, last: true, text: 'nul \0 and \r inside' }],
    ['', null],
    ['HTTP/1.1 400 Bad Request', null],
    ['2500 no', null],
    ['250_no', null],
    ['199 below', null],
    ['299 second digit above 5', null],
    ['600 above', null],
    ['25', null],
    [' 250 ok', null],
    ['٢٥٠ ok', null],
  ])('%j', (line, expected) => {
    expect(parseReplyLine(line)).toEqual(expected)
  })

  test('a reply is quoted in one line', () => {
    expect(formatReply({ code: 550, lines: ['blocked', 'see https://example.com'] })).toBe(
      '550 blocked / see https://example.com',
    )
    expect(formatReply({ code: 421, lines: [''] })).toBe('421')
  })
})

describe('the capabilities of an EHLO reply', () => {
  test('leave the greeting line out and stay as sent', () => {
    const reply = { code: 250, lines: ['mx.example.com STARTTLS', 'PIPELINING ', 'size 1000'] }
    expect(capabilitiesOf(reply)).toEqual(['PIPELINING', 'size 1000'])
    expect(offersStartTls(capabilitiesOf(reply))).toBe(false)
  })

  test.each([
    ['STARTTLS', true],
    ['starttls', true],
    ['XXXXXXXA', false],
    ['STARTTLSX', false],
    ['AUTH STARTTLS', false],
  ])('%s offers STARTTLS: %s', (capability, offered) => {
    expect(offersStartTls(['PIPELINING', capability])).toBe(offered)
  })
})
