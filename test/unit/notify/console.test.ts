import { describe, expect, test } from 'vitest'
import type { ChannelId } from '../../../src/model/notification.ts'
import { consoleNotifier } from '../../../src/notify/console.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import { attempt, incident, message, resolved, step, T0, wording } from './message-builder.ts'
import { messageOf } from './poison.ts'

const MINUTE = 60_000

function block(told: Message, colour = false): string {
  return consoleNotifier('console' as ChannelId, wording(), { write: () => {}, colour }).render(told)
}

describe('the block', () => {
  test('says what, since when, who is hurt and what to do, and ends in an empty line', () => {
    expect(block(message())).toBe(
      `🔴 example.com: MX mx2.example.net is not covered by the MTA-STS policy (mode enforce)
   Critical, since 2026-11-23 14:05 UTC
   The policy names mx1.example.net; the MX record has mx2.example.net as well.
   Senders that honour MTA-STS will not deliver to mx2. Cached copies live until 2026-12-07.
   Do: Add this line to https://mta-sts.example.com/.well-known/mta-sts.txt
           mx: mx2.example.net
       Then publish
           _mta-sts.example.com. TXT "v=STSv1; id=20261123T140500Z"
   Evidence: stswatch explain inc_example.com  (RFC 8461 §4.1)

`,
    )
  })

  test('of a resolved incident says how long it lasted and asks for nothing', () => {
    const end = T0 + 55 * MINUTE
    const text = block(message([step('resolved', resolved(end), end)]))
    expect(text).toContain('🟢 example.com:')
    expect(text).toContain('Resolved 2026-11-23 15:00 UTC, after 55 minutes')
    expect(text).not.toContain('Do:')
    expect(text).not.toContain('will not deliver')
  })

  test('of an incident that opened and resolved unheard tells both', () => {
    const end = T0 + 20 * MINUTE
    const text = block(message([step('opened', incident()), step('resolved', resolved(end), end)]))
    expect(text).toContain('Opened 2026-11-23 14:05 UTC: example.com')
    expect(text).toContain('Resolved 2026-11-23 14:25 UTC, after 20 minutes: example.com')
  })

  test('of a shared host lists ten domains and counts the rest', () => {
    const members = Array.from({ length: 14 }, (_, n) =>
      step('opened', incident({ domain: `d${n}.example` })),
    )
    const text = block(message(members))
    expect(text).toContain('(14 domains)')
    expect(text).toContain('🔴 d9.example, since 2026-11-23 14:05 UTC')
    expect(text).toContain('and 4 more')
    expect(text).not.toContain('🔴 d10.example, since')
  })

  test('of a copy says which channel failed', () => {
    const original = step('opened')
    const copy = { kind: 'fallback', primary: 'ops' as ChannelId, original } as const
    expect(block({ ...message(), notifications: message([copy]).notifications })).toContain(
      'primary channel failed: ops',
    )
  })

  test('is printable whatever is in it', () => {
    const hostile = messageOf('\u001b[2J\u202eevil\u0007\n')
    const notifier = consoleNotifier('console' as ChannelId, hostile.wording, {
      write: () => {},
      colour: false,
    })
    expect(notifier.render(hostile.message)).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/,
    )
  })
})

describe('colour', () => {
  test('is used when asked for and not otherwise', () => {
    expect(block(message(), true)).toContain('\u001b[31m')
    expect(block(message(), false)).not.toContain('\u001b')
  })
})

test('sending writes exactly what was rendered', async () => {
  const written: string[] = []
  const notifier = consoleNotifier('console' as ChannelId, wording(), {
    write: (text) => written.push(text),
    colour: false,
  })
  const payload = notifier.render(message())
  await expect(notifier.send(attempt(payload), new AbortController().signal)).resolves.toEqual({
    outcome: 'delivered',
    reference: null,
  })
  expect(written).toEqual([payload])
})
