import type { IpAddress } from '../protocol/ip-address.ts'
import type { CountLimits } from './limits.ts'
import { createLimiter } from './politeness.ts'

/**
 * Looks at the addresses of a host, a few at a time, in their order. Those beyond the limit are handed to `beyond`,
 * so that nothing is left out silently.
 */
export async function eachAddress<T>(
  addresses: readonly IpAddress[],
  limits: CountLimits,
  signal: AbortSignal,
  look: (address: IpAddress) => Promise<T>,
  beyond: (address: IpAddress, because: string) => T,
): Promise<readonly T[]> {
  const atOnce = createLimiter(limits.addressesAtOnce)
  const because = `only the first ${limits.addressesPerHost} addresses of a host are looked at`
  return await Promise.all(
    addresses.map((address, index) =>
      index < limits.addressesPerHost ? atOnce(signal, () => look(address)) : beyond(address, because),
    ),
  )
}
