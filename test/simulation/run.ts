/**
 * The large run: `npx node test/simulation/run.ts [--seeds 1-3] [--domains 100] [--days 30] [--faults 40] [--every 15|60]`.
 * Prints the figures of each seed and of all, every false notice with the chain that led to it, and ends with status 1
 * when a target of the false-alarm policy is missed.
 */

import { inspect, parseArgs } from 'node:util'
import { simulate } from './simulate.ts'
import { type Figures, figuresOf } from './verdict.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-3' },
    domains: { type: 'string', default: '100' },
    days: { type: 'string', default: '30' },
    faults: { type: 'string', default: '40' },
    every: { type: 'string', default: '60' },
    loss: { type: 'string', default: 'packets' },
  },
})
const [first = 1, last = first] = values.seeds.split('-').map(Number)
const all: Figures[] = []
for (let seed = first; seed <= last; seed += 1) {
  const ran = await simulate({
    seed,
    domains: Number(values.domains),
    days: Number(values.days),
    faults: Number(values.faults),
    everyMinutes: values.every === '15' ? 15 : 60,
    bigStep: seed % 2 === 1,
    loss: values.loss === 'operations' ? 'operations' : 'packets',
  })
  const figures = figuresOf(ran)
  all.push(figures)
  print(`seed ${seed} (${ran.looks} looks in ${Math.round(ran.tookMs / 1000)} s)`, figures)
}
const months = all.reduce((sum, { domainMonths }) => sum + domainMonths, 0)
const wrong = all.reduce((sum, { falseNotices }) => sum + falseNotices.length, 0)
const missed = all.flatMap(({ untold, blindUntidy, unresolved, repeated }) =>
  [untold, blindUntidy, unresolved, repeated].flat(),
)
say(`all: ${wrong} false notices in ${months} domain-months, ${missed.length} other complaints`)
process.exitCode = wrong * 1_000 <= months && missed.length === 0 ? 0 : 1

function print(title: string, { falseNotices, ...figures }: Figures): void {
  say(`${title} ${inspect(figures, { breakLength: 120 })}`)
  for (const { at, what, chain } of falseNotices) {
    say(`  FALSE ${new Date(at).toISOString()} ${what}`)
    for (const line of chain) say(`        ${line}`)
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
