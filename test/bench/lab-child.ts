/** The lab in a process of its own, so that what the peers cost is not counted: started by lab-process.ts, told what to be by its argument. */
import { startLab } from '../../src/lab/lab.ts'
import type { LabHost, World } from '../../src/lab/world.ts'
import type { IpAddress } from '../../src/protocol/ip-address.ts'
import type { LabReady, LabShape, LabTally } from './lab-process.ts'
import { domainNames, worldFor } from './lab-world.ts'

const shape = JSON.parse(process.argv[2] ?? '{}') as LabShape
const world = worldFor(shape)
const lab = await startLab(world)
const ready: LabReady = {
  domains: domainNames(shape.domains),
  dns: lab.dns,
  caPem: lab.caPem,
  routes: hostsOf(world).flatMap(({ addresses, smtp, https }) =>
    addresses.flatMap((address) => [
      ...(smtp === null ? [] : [routeOf(address, 25)]),
      ...(https === null ? [] : [routeOf(address, 443)]),
    ]),
  ),
}
process.send?.(ready)

// Any message asks for the tally since the last one.
process.on('message', () => {
  const { dns, https, smtp } = lab.journal
  const asked = (entries: readonly { readonly request: string | null }[]) =>
    entries.filter(({ request }) => request !== null).length
  const tally: LabTally = {
    questions: dns.length,
    httpsSessions: https.length,
    policiesAsked: asked(https),
    smtpSessions: smtp.length,
    smtpSecured: smtp.filter(({ secured }) => secured).length,
  }
  dns.length = 0
  https.length = 0
  smtp.length = 0
  process.send?.(tally)
})
const leave = () => process.exit(0)
process.on('SIGTERM', leave)
// The bench is gone.
process.on('disconnect', leave)

function hostsOf({ hosts, domains }: World): readonly LabHost[] {
  return [
    ...hosts,
    ...domains.flatMap((domain) => [...domain.hosts, ...(domain.policy ? [domain.policy.host] : [])]),
  ]
}

function routeOf(address: string, port: 25 | 443): LabReady['routes'][number] {
  const path = lab.route(address as IpAddress, port)
  if (typeof path === 'string') throw new Error(`${address} ${port}: ${path}`)
  return { address, port, to: path.port }
}
