import { expect, test } from 'vitest'
import { sendSummary } from '../../../src/app/jobs/send-summary.ts'
import type { Settings } from '../../../src/app/settings.ts'
import { parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { DAY_MS, MINUTE_MS } from '../../../src/lib/time.ts'
import type { ChannelId } from '../../../src/model/notification.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { OPTIONS, scratch } from '../store/scratch.ts'

const LINE = '0 7 * * 1'
const SLOT = Date.UTC(2026, 10, 23, 7)
const MAIL = 'mail' as ChannelId

function settingsOf(summary: string): Settings {
  const text = `domains: [a.example]\nchannels: {mail: {type: email, to: [a@b.example]}, ops: {type: console}}\n${summary}`
  const parsed = parseWatchConfig(text, 'watch.yaml', { hostname: 'a.b.example', now: SLOT, lab: false })
  if (!parsed.ok) throw new Error('refused')
  return { config: parsed.config } as Settings
}

test('done again after a death at any point it is one message a recipient', async () => {
  await using place = await scratch()
  const clock = manualClock(SLOT)
  {
    await using store = await openStore(place.file, OPTIONS)
    expect(await sendSummary(LINE, SLOT, settingsOf('summary: {}'), { store, clock })).toEqual({
      outcome: 'queued',
      period: '2026-W47',
      channels: [MAIL],
    })
    const [row, ...others] = await store.outbox.pending(10)
    expect(others).toEqual([])
    expect(row?.notification).toMatchObject({ channel: MAIL, content: { kind: 'summary' } })
    // Sent, but the job was never finished.
    const claim = await store.outbox.claim(MAIL, SLOT, MINUTE_MS, null)
    if (claim === null) throw new Error('nothing to claim')
    await store.outbox.settle(claim, { state: 'sent', reference: null, at: SLOT })
  }
  await using store = await openStore(place.file, OPTIONS)
  await clock.advance(DAY_MS)
  await sendSummary(LINE, SLOT, settingsOf('summary: {}'), { store, clock })
  expect(await store.outbox.pending(10)).toEqual([])
})

test.each([
  [7 * DAY_MS, 'queued'],
  [7 * DAY_MS + 1, 'dropped'],
])('%i ms late it is %s', async (lateMs, outcome) => {
  await using store = await openStore(':memory:', { ...OPTIONS, allowNetworkFilesystem: true })
  const clock = manualClock(SLOT + lateMs)
  expect(await sendSummary(LINE, SLOT, settingsOf('summary: {}'), { store, clock })).toMatchObject({
    outcome,
  })
})

test('who is named by several lines with one time is told once; a line that is gone is told to nobody', async () => {
  await using store = await openStore(':memory:', { ...OPTIONS, allowNetworkFilesystem: true })
  const clock = manualClock(SLOT)
  const twice = settingsOf('summary: [{channels: [mail, ops]}, {channels: [ops]}]')
  expect(await sendSummary(LINE, SLOT, twice, { store, clock })).toMatchObject({ channels: ['mail', 'ops'] })
  expect(await store.outbox.pending(10)).toHaveLength(2)
  expect(await sendSummary('0 8 * * 1', SLOT, twice, { store, clock })).toEqual({
    outcome: 'dropped',
    because: 'unconfigured',
  })
})
