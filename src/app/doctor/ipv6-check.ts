import { SECOND_MS } from '../../lib/time.ts'
import { createAddressGuard } from '../../probe/address-guard.ts'
import { createNetwork } from '../../probe/network.ts'
import { isIpv6 } from '../../protocol/ip-address.ts'
import { type DoctorCheck, type DoctorTools, good, unset, warning } from './doctor-line.ts'

const TOPIC = 'IPv6'

/** Is there a way out over IPv6? Not everybody has one; hosts that have nothing else cannot be looked at then. */
export const IPV6_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 40 * SECOND_MS,
  async run(tools, signal) {
    const targets = await targetsOf(tools, signal)
    const [first] = targets
    if (first === undefined) {
      return [unset(TOPIC, 'no HTTPS canary has an IPv6 address, so it could not be tried')]
    }
    const network = createNetwork({
      guard: createAddressGuard(tools.config.egressAllow),
      route: tools.world.route,
    })
    const timeoutMs = tools.world.limits.connectMs
    const tried = await Promise.allSettled(
      targets.map(async ({ address }) =>
        (await network.connect(address, 443, { signal, timeoutMs })).destroy(),
      ),
    )
    return tried.some(({ status }) => status === 'fulfilled')
      ? [good(TOPIC, 'there is a way out')]
      : [
          warning(
            TOPIC,
            `no way out: ${first.name} cannot be reached at ${first.address}`,
            'Hosts with IPv6 addresses alone cannot be looked at, and are told as undecided. To see it: ip -6 route',
          ),
        ]
  },
}

async function targetsOf({ config, resolver }: DoctorTools, signal: AbortSignal) {
  const looks = await Promise.all(
    config.canaries.https.map(async (name) => ({ name, look: await resolver.addresses(name, signal) })),
  )
  return looks.flatMap(({ name, look }) => {
    const address = look.outcome === 'seen' ? look.value.records.find(isIpv6) : undefined
    return address === undefined ? [] : [{ name, address }]
  })
}
