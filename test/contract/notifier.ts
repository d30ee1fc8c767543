import { describe, expect, test } from 'vitest'
import type { ChannelId } from '../../src/model/notification.ts'
import type { Notifier } from '../../src/notify/notifier.ts'
import { attempt, incident, message, resolved, step, T0 } from '../unit/notify/message-builder.ts'

export interface ChannelUnderTest extends AsyncDisposable {
  readonly notifier: Notifier
  /** What must appear nowhere but on the wire's authentication. */
  readonly secrets: readonly string[]
  /** Closes the far side; nobody listens there any more. Null: there is no far side. */
  readonly leave: (() => Promise<void>) | null
}

const SIGNAL = new AbortController().signal

const MESSAGES = {
  opened: message(),
  'opened and resolved': message([step('opened'), step('resolved', resolved(T0 + 60_000), T0 + 60_000)]),
  'of a shared host': message([
    step('opened', incident({ domain: 'a.example' })),
    step('opened', incident({ domain: 'b.example' })),
  ]),
  'about the monitor': message([step('opened', incident({ domain: null }))]),
  flapping: message([step('flapping')]),
  'steady again': message([step('steadied', resolved(T0))]),
  'a reminder': message([step('reminder')]),
  'a copy': message([{ kind: 'fallback', primary: 'ops' as ChannelId, original: step('opened') }]),
  changes: message([{ kind: 'changes', domain: 'example.com' as never, changes: [] }]),
}

/** What every channel promises (notifier.ts), whatever it is made of. */
export function notifierContract(name: string, open: () => Promise<ChannelUnderTest>): void {
  describe(`${name} keeps the contract`, () => {
    test.each(Object.entries(MESSAGES))(
      'a message %s is rendered, the same each time, and delivered',
      async (_name, told) => {
        await using channel = await open()
        const payload = channel.notifier.render(told)
        expect(payload).not.toBe('')
        expect(channel.notifier.render(told)).toBe(payload)
        expect(await channel.notifier.send(attempt(payload), SIGNAL)).toMatchObject({ outcome: 'delivered' })
      },
    )

    test('a message of many incidents stays small', async () => {
      await using channel = await open()
      const many = Array.from({ length: 5_000 }, (_, n) =>
        step('opened', incident({ domain: `d${n}.example` })),
      )
      const payload = channel.notifier.render(message(many.slice(0, 1)))
      const large = channel.notifier.render({
        ...message(many.slice(0, 1)),
        threadIncidents: message(many).threadIncidents,
      })
      expect(large.length).toBeLessThan(payload.length + 20_000)
    })

    test('nobody there: to be tried again, and no secret in what it says', async () => {
      await using channel = await open()
      if (channel.leave === null) return
      await channel.leave()
      const payload = channel.notifier.render(message())
      const delivery = await channel.notifier.send(attempt(payload), SIGNAL)
      expect(delivery).toMatchObject({ outcome: 'retry', error: expect.stringContaining('ECONNREFUSED') })
      assertNoSecret(channel, delivery)
      assertNoSecret(channel, payload)
    })

    test('stopped before it began: nothing is lost', async () => {
      await using channel = await open()
      if (channel.leave === null) return
      const delivery = await channel.notifier.send(
        attempt(channel.notifier.render(message())),
        AbortSignal.abort(),
      )
      expect(['retry', 'ambiguous']).toContain(delivery.outcome)
    })
  })
}

/** In any spelling that a log could carry it in (S44). */
export function assertNoSecret({ secrets }: Pick<ChannelUnderTest, 'secrets'>, said: unknown): void {
  const text = JSON.stringify(said)
  for (const secret of secrets) {
    const spellings = [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      encodeURIComponent(secret),
    ]
    for (const spelling of spellings) expect(text).not.toContain(spelling)
  }
}
