import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppOnLab } from './app-on-lab.ts'
import { bareCheck, bareTools } from './bare-loop.ts'
import { checkProcess } from './child.ts'
import { LabProcess } from './lab-process.ts'
import { type Cost, costOf, eachAtOnce, median, msText, table } from './measure.ts'

const PROCESS_ROUNDS = 5
const LOOK_ROUNDS = 3
const DOMAINS = 200
/** As many looks as the product has under way at once. */
const AT_ONCE = 32

/** What one look costs, beside a bare loop that holds the same conversations in the same run. The lab's CPU is not counted. */
export async function benchCheck(directory: string): Promise<string> {
  await using lab = await LabProcess.start({ domains: DOMAINS, sharedMx: 0 })
  const processes = await wholeProcesses(lab, directory)
  const looks = await manyLooks(lab, directory)
  const row = (what: string, costs: readonly Cost[], share: number, floor: readonly Cost[]) => {
    const cpu = (all: readonly Cost[]) => median(all.map(({ cpuMs }) => cpuMs)) / share
    const wall = median(costs.map(({ wallMs }) => wallMs)) / share
    return [what, msText(cpu(costs)), msText(wall), `${(cpu(costs) / cpu(floor)).toFixed(1)}×`]
  }
  return table(
    ['check (one domain, one MX)', 'CPU', 'wall', 'CPU ratio'],
    [
      row('bare loop, whole process', processes.bare, 1, processes.bare),
      row('stswatch check, whole process', processes.product, 1, processes.bare),
      row(`bare loop, each of ${DOMAINS}, ${AT_ONCE} at once`, looks.bare, DOMAINS, looks.bare),
      row(`stswatch run, each of ${DOMAINS}, unchanged`, looks.product, DOMAINS, looks.bare),
    ],
  )
}

interface Compared {
  readonly product: readonly Cost[]
  readonly bare: readonly Cost[]
}

async function wholeProcesses(lab: LabProcess, directory: string): Promise<Compared> {
  const readyFile = join(directory, 'ready.json')
  writeFileSync(readyFile, JSON.stringify(lab.ready))
  const bare: Cost[] = []
  const product: Cost[] = []
  for (let round = 0; round <= PROCESS_ROUNDS; round += 1) {
    const costs = {
      bare: await checkProcess('bare', readyFile, directory),
      product: await checkProcess('stswatch', readyFile, directory),
    }
    // The first round fills the compile cache.
    if (round === 0) continue
    bare.push(costs.bare)
    product.push(costs.product)
  }
  return { bare, product }
}

async function manyLooks(lab: LabProcess, directory: string): Promise<Compared> {
  const tools = bareTools(lab.ready, join(directory, 'bare.db'))
  await using app = await AppOnLab.open(lab, join(directory, 'check.db'))
  const bareLoop = () => eachAtOnce(lab.domains, AT_ONCE, (domain) => bareCheck(domain, tools))
  const cycle = async () => {
    const { looks, failed } = await app.cycle()
    if (looks !== DOMAINS || failed > 0) throw new Error(`${looks} looks, ${failed} failed`)
  }
  const bare: Cost[] = []
  const product: Cost[] = []
  for (let round = 0; round <= LOOK_ROUNDS; round += 1) {
    const costs = { bare: await costOf(bareLoop), product: await costOf(cycle) }
    // The first round makes the certificates, warms both up and writes what is new.
    if (round === 0) continue
    bare.push(costs.bare)
    product.push(costs.product)
  }
  return { bare, product }
}
