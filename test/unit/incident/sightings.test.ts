import { expect, it } from 'vitest'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import type { FindingCode } from '../../../src/model/finding.ts'
import { play, said } from './play.ts'

it.each<[FindingCode, number, string, string]>([
  ['mta-sts.policy.unfetchable', 60, 'bad ? bad ? bad', 'opened'],
  ['mta-sts.policy.unfetchable', 61, 'bad ? bad ? bad', ''],
  ['mta-sts.policy.unfetchable', 61, 'bad ? bad bad bad', 'opened'],
  ['mx.certificate.expired', 61, 'bad ? bad', 'opened'],
])('%s, looked at every %i minutes, %s: %s', (code, minutes, looks, heard) => {
  expect(said(play(looks, { code, stepMs: minutes * MINUTE_MS }))).toBe(heard)
})
