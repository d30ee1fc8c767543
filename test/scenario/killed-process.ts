/** A life of the program in a process of its own, on a lab that another process keeps: something to kill. */

import { randomId } from '../../src/lib/id.ts'
import { manualClock } from '../../src/lib/manual-clock.ts'
import { MINUTE_MS } from '../../src/lib/time.ts'
import type { Endpoint } from '../../src/model/route.ts'
import { QUICK, type Surroundings, startProcess } from './process.ts'

export interface KilledProcessTask {
  readonly surroundings: Surroundings
  readonly now: number
  /** `<address> <port>` → where the lab answers for it. */
  readonly routes: Readonly<Record<string, Endpoint>>
  /** committed: dies by its own hand once a message waits to be sent. never: works on until somebody kills it. */
  readonly dies: 'committed' | 'never'
}

const { surroundings, now, routes, dies } = JSON.parse(process.argv[2] ?? '') as KilledProcessTask
const clock = manualClock(now)
await using life = await startProcess(surroundings, {
  clock,
  newId: randomId,
  route: (address, port) => routes[`${address} ${port}`] ?? 'refused',
  limits: QUICK,
  log: null,
})
const { signal } = new AbortController()
for (let minute = 0; minute < 60; minute++) {
  await clock.drive(life.app.settle(signal))
  if (dies === 'committed' && (await life.store.outbox.pending(1)).length > 0)
    process.kill(process.pid, 'SIGKILL')
  await clock.advance(MINUTE_MS)
}
