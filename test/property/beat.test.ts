import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startBeat } from '../../src/app/beat.ts'
import { parseCron } from '../../src/lib/cron.ts'
import { silentLogger } from '../../src/lib/log.ts'

const SPELLINGS = [
  ['*', '0', '5/10', '*/15', '0-30/7', '1,2,3', '05', '*/100'],
  ['*', '23', '3/4', '*/6', '2-4', '08'],
  ['*', '31', '1/3', '10-20/3'],
  ['*', '12', '1/3', 'jan,mar', 'JAN', 'january-march/2'],
  ['*', '0', '7', '6/2', '5-7', 'mon-fri', 'sunday,mon', '7-7'],
] as const

test('every line that watch.yaml may have can be scheduled, however it is spelt', async () => {
  const lines = fc
    .tuple(fc.constantFrom(' ', '\t', '  '), ...SPELLINGS.map((spellings) => fc.constantFrom(...spellings)))
    .map(([blank, ...fields]) => fields.join(blank))
  await fc.assert(
    fc.asyncProperty(lines, async (line) => {
      const cron = parseCron(line)
      if (!cron.ok) throw new Error(`${line}: ${cron.error}`)
      const schedule = {
        name: line,
        kind: 'check',
        argument: line,
        timeZone: 'UTC',
        spread: false,
        begins: 'at-once' as const,
      }
      await using beat = startBeat([{ ...schedule, cron: cron.value }], async () => {}, silentLogger)
      expect(beat).toBeDefined()
    }),
    { numRuns: 300 },
  )
})
