import { describe, expect, test } from 'vitest'
import { networkFailure } from '../../../src/notify/network-failure.ts'
import { rateLimitMs } from '../../../src/notify/retry-after.ts'
import { slackErrorClass } from '../../../src/notify/slack-errors.ts'

describe('what an error code of Slack means', () => {
  test.each([
    ['channel_not_found', 'permanent'],
    ['is_archived', 'permanent'],
    ['invalid_auth', 'permanent'],
    ['token_revoked', 'permanent'],
    ['account_inactive', 'permanent'],
    ['not_in_channel', 'permanent'],
    ['msg_too_long', 'permanent'],
    ['missing_scope', 'permanent'],
    ['ratelimited', 'temporary'],
    ['service_unavailable', 'temporary'],
    ['a_code_of_next_year', 'temporary'],
    ['internal_error', 'ambiguous'],
    ['fatal_error', 'ambiguous'],
    ['message_not_found', 'root-lost'],
    ['thread_not_found', 'root-lost'],
  ])('%s: %s', (code, expected) => {
    expect(slackErrorClass(code)).toBe(expected)
  })
})

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['1', 1],
    ['30', 30],
    ['900', 900],
    ['86400', 900],
    ['abc', 900],
    [null, 900],
    ['-5', 900],
    ['1.5', 900],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 900],
  ])('%s: stays away %i s, and at most two more', (header, seconds) => {
    expect(rateLimitMs(header)).toBeGreaterThanOrEqual(seconds * 1000)
    expect(rateLimitMs(header)).toBeLessThanOrEqual(seconds * 1000 + 2000)
  })
})

describe('why a request got no answer', () => {
  const coded = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error('why'), { code }) })
  test.each([
    [coded('ECONNREFUSED'), 'unsent'],
    [coded('ENOTFOUND'), 'unsent'],
    [coded('EAI_AGAIN'), 'unsent'],
    [coded('UND_ERR_CONNECT_TIMEOUT'), 'unsent'],
    [coded('CERT_HAS_EXPIRED'), 'unsent'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'unsent'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'unsent'],
    [coded('ECONNRESET'), 'unheard'],
    [coded('UND_ERR_SOCKET'), 'unheard'],
    [new DOMException('timed out', 'TimeoutError'), 'unheard'],
    ['a string', 'unheard'],
  ])('%s: %s', (thrown, kind) => {
    expect(networkFailure(thrown).kind).toBe(kind)
  })
})
