import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { untilExit, untilOutput } from './child.ts'
import { LabProcess } from './lab-process.ts'
import { median, msText, table } from './measure.ts'

const ROUNDS = 7
const ASKED_MS = 400
const STSWATCH = join(import.meta.dirname, '../../src/stswatch.js')
// Nobody listens there: the look fails, and says so.
const DEAD_RESOLVER = '127.0.0.1:9'

/** How long until a person sees something: from process start to the first output, medians of seven rounds. */
export async function benchStart(directory: string): Promise<string> {
  await using lab = await LabProcess.start({ domains: 1, sharedMx: 0 })
  const readyFile = join(directory, 'ready.json')
  writeFileSync(readyFile, JSON.stringify(lab.ready))
  const onLab = [join(import.meta.dirname, 'check-child.ts'), 'stswatch', readyFile, directory]
  const failing = [STSWATCH, 'check', '--resolver', DEAD_RESOLVER, 'example.org']
  const plans = [
    { what: 'node -e 0', run: () => untilExit(['-e', '0']) },
    { what: 'stswatch --help', run: () => untilOutput([STSWATCH, '--help']) },
    { what: 'check on the lab, first output', run: () => untilOutput(onLab) },
    { what: 'check, dead resolver, first output', run: () => untilOutput(failing) },
  ].map((plan) => ({ ...plan, taken: [] as number[] }))
  // One uncounted round fills the compile cache; then in turn, so that a busy moment hits all alike.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { run, taken } of plans) {
      const ms = await run()
      if (round > 0) taken.push(ms)
    }
  }
  const floor = median(plans[0]?.taken ?? [])
  return table(
    ['start', 'median', 'least', 'ratio', `≤ ${ASKED_MS} ms`],
    plans.map(({ what, taken }) => [
      what,
      msText(median(taken)),
      msText(Math.min(...taken)),
      `${(median(taken) / floor).toFixed(1)}×`,
      median(taken) <= ASKED_MS ? 'yes' : 'NO',
    ]),
  )
}
