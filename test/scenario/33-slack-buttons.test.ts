import { describe, expect, test, vi } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { withDomain } from '../../src/lab/drills/drill.ts'
import { HOUR_MS, MINUTE_MS } from '../../src/lib/time.ts'
import { ACKNOWLEDGE_ACTION, SILENCE_ACTION } from '../../src/notify/slack-blocks.ts'
import { Stage, worldOf } from './stage.ts'

const BROKEN = withDomain({ stsRecord: ['v=STSv1;'] })
const MENDED = withDomain({ stsRecord: ['v=STSv1; id=20261123T140500Z;'] })
const ADA = { id: 'U0ADA', name: 'Ada <!channel> Lovelace' }
const TOKENS = { SLACK_APP_TOKEN: 'xapp-1-lab-token' }

/** Broken, told, and somebody listening to the buttons. */
async function broken(): Promise<{ readonly stage: Stage; readonly root: () => string }> {
  const stage = await Stage.open(worldOf([healthyDomain('example.com')]), { env: TOKENS })
  await listening(stage)
  await stage.pass(16)
  stage.change(BROKEN)
  await stage.pass(30)
  const root = () => stage.lab.slack.messages('#mail-ops')[0]?.ts ?? ''
  return { stage, root }
}

async function listening(stage: Stage): Promise<void> {
  await vi.waitFor(() => expect(stage.lab.slack.socket.listeners).toBe(1), { timeout: 10_000, interval: 20 })
}

/** What the press leads to is in the database a moment after it was acknowledged. */
async function eventually(check: () => Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 10_000, interval: 20 })
}

describe('the buttons under a message', () => {
  test('Acknowledge notes who looks after it, shows it, and ends the reminders', async () => {
    const { stage, root } = await broken()
    await using _stage = stage
    await stage.lab.slack.press(root(), ACKNOWLEDGE_ACTION, ADA)
    await eventually(async () =>
      expect(await stage.running.store.quiet.acknowledgements()).toMatchObject([{ by: ADA.name }]),
    )
    await stage.pass(2)
    const [thread] = stage.lab.slack.messages('#mail-ops')
    expect(thread?.replies.map(({ text }) => text)).toEqual([
      expect.stringContaining('Ada &lt;!channel&gt; Lovelace looks after this since'),
    ])
    expect(stage.slackRoots()[0]).toContain('Ada <!channel> Lovelace looks after it since')
    await stage.pass(5 * 60, 5)
    expect(stage.slackTimes()).toHaveLength(2)
    expect(stage.lab.slack.ephemerals).toEqual([])
    // Mail is not told of it.
    expect(stage.mailLabels()).toEqual(['critical'])
  })

  test('without an answer there is a reminder after four hours', async () => {
    const { stage } = await broken()
    await using _stage = stage
    await stage.pass(5 * 60, 5)
    const [thread] = stage.lab.slack.messages('#mail-ops')
    expect(thread?.replies.map(({ text }) => text)).toEqual([expect.stringContaining('Reminder at')])
    expect(stage.mailLabels()).toEqual(['critical', 'critical, reminder'])
  })

  test('Silence 4 h silences this very finding at this domain, and shows who wanted it', async () => {
    const { stage, root } = await broken()
    await using _stage = stage
    const now = stage.clock.now()
    await stage.lab.slack.press(root(), SILENCE_ACTION, ADA)
    await eventually(async () =>
      expect(await stage.running.store.quiet.silences(now)).toMatchObject([
        { pattern: 'mta-sts.record.invalid@example.com', until: now + 4 * HOUR_MS, by: ADA.name },
      ]),
    )
    await stage.pass(2)
    expect(stage.slackThreads()[0]).toContain('wants quiet about this until')
  })

  test('that lead nowhere answer the person alone', async () => {
    const { stage, root } = await broken()
    await using _stage = stage
    const ts = root()
    stage.change(MENDED)
    await stage.pass(120)
    // The button is gone; the press comes from a screen that still shows it.
    const stale = { type: 'button', action_id: ACKNOWLEDGE_ACTION, value: 'thr_unknown' }
    const press = (message: string, value: string) =>
      stage.lab.slack.socket.deliver({
        type: 'block_actions',
        user: ADA,
        container: { type: 'message', message_ts: message, channel_id: '#mail-ops' },
        actions: [{ ...stale, value }],
      })
    await press(ts, 'thr_unknown')
    await eventually(async () => expect(stage.lab.slack.ephemerals).toHaveLength(1))
    const known = (await stage.running.store.incidents.recent(9)).find(
      ({ latest }) => latest.code === 'mta-sts.record.invalid',
    )
    await press(ts, known?.thread ?? '')
    await eventually(async () => expect(stage.lab.slack.ephemerals).toHaveLength(2))
    await press('1.000001', known?.thread ?? '')
    await eventually(async () => expect(stage.lab.slack.ephemerals).toHaveLength(3))
    expect(stage.lab.slack.ephemerals.map(({ user, text }) => [user, text.slice(0, 28)])).toEqual([
      ['U0ADA', 'This message is not one that'],
      ['U0ADA', 'Nothing of this is open any '],
      ['U0ADA', 'This message is not one that'],
    ])
    expect(await stage.running.store.quiet.acknowledgements()).toEqual([])
  })
})

describe('the connection', () => {
  test.each(['refresh', 'cut'] as const)('is made again after a %s', async (how) => {
    await using stage = await Stage.open(worldOf([healthyDomain('example.com')]), { env: TOKENS })
    await listening(stage)
    stage.lab.slack.socket[how]()
    await vi.waitFor(() => expect(stage.lab.slack.socket.listeners).toBe(0), {
      timeout: 10_000,
      interval: 20,
    })
    await vi.waitFor(
      async () => {
        await stage.clock.advance(MINUTE_MS)
        expect(stage.lab.slack.socket.listeners).toBe(1)
      },
      { timeout: 10_000, interval: 50 },
    )
  })

  test('that Slack refuses is tried again, and the token stands in no line of the log', async () => {
    const lines: string[] = []
    const env = { ...TOKENS }
    await using stage = await Stage.open(
      {
        ...worldOf([healthyDomain('example.com')]),
        slack: { mode: { error: 'invalid_auth' }, methods: ['apps.connections.open'], calls: null },
      },
      { env, log: (line) => void lines.push(line) },
    )
    await vi.waitFor(
      async () => {
        await stage.clock.advance(MINUTE_MS)
        expect(lines.filter((line) => line.includes('slack.buttons.unheard')).length).toBeGreaterThan(1)
      },
      { timeout: 10_000, interval: 50 },
    )
    expect(lines.join('\n')).toContain('invalid_auth')
    expect(lines.join('\n')).not.toContain(TOKENS.SLACK_APP_TOKEN)
    stage.change((world) => ({ ...world, slack: null }))
    await vi.waitFor(
      async () => {
        await stage.clock.advance(MINUTE_MS)
        expect(stage.lab.slack.socket.listeners).toBe(1)
      },
      { timeout: 10_000, interval: 50 },
    )
  })

  test('is not made without the token, and no message has buttons', async () => {
    await using stage = await Stage.open(worldOf([healthyDomain('example.com')]))
    await stage.pass(16)
    stage.change(BROKEN)
    await stage.pass(30)
    expect(stage.lab.slack.calls.map(({ method }) => method)).not.toContain('apps.connections.open')
    const [root] = stage.lab.slack.messages('#mail-ops')
    expect(root?.blocks.length).toBeGreaterThan(0)
    expect(JSON.stringify(root?.blocks)).not.toContain('button')
  })
})
