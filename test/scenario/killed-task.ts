import { HOUR_MS } from '../../src/lib/time.ts'
import type { Endpoint } from '../../src/model/route.ts'
import { parseIpAddress } from '../../src/protocol/ip-address.ts'
import type { KilledProcessTask } from './killed-process.ts'
import type { Stage } from './stage.ts'

/** For `startChild`. */
export const KILLED_PROCESS = '../../scenario/killed-process.ts'

/** The process will pass less than the hour that the lab is ahead of it. */
export async function taskFor(stage: Stage, dies: KilledProcessTask['dies']): Promise<string> {
  const now = stage.clock.now()
  await stage.clock.advance(HOUR_MS)
  const task: KilledProcessTask = {
    surroundings: stage.surroundings(),
    now,
    routes: routesOf(stage),
    dies,
  }
  return JSON.stringify(task)
}

/** Where the lab answers for each of its hosts. */
function routesOf({ lab }: Stage): KilledProcessTask['routes'] {
  const { world } = lab
  const hosts = [
    ...world.hosts,
    ...world.domains.flatMap(({ hosts: own, policy }) => (policy ? [...own, policy.host] : own)),
  ]
  const addresses = hosts.flatMap((host) => host.addresses.map(parseIpAddress)).filter((one) => one !== null)
  const routes: Record<string, Endpoint> = {}
  for (const address of addresses) {
    for (const port of [25, 443]) {
      const endpoint = lab.route(address, port)
      if (typeof endpoint === 'object') routes[`${address} ${port}`] = endpoint
    }
  }
  return routes
}
