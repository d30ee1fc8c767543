import PQueue from 'p-queue'
import type { IpAddress } from '../protocol/ip-address.ts'
import { isIpv6 } from '../protocol/ip-address.ts'
import { stopped } from './deadline.ts'

/** Runs work when there is room for it; rejects with the fault `deadline` when `signal` aborts before. */
export type Limiter = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>

/** At most `atOnce` pieces of work at a time, in the order they came. */
export function createLimiter(atOnce: number): Limiter {
  const queue = new PQueue({ concurrency: atOnce })
  return (signal, work) => enqueue(queue, signal, work)
}

/** The same for connections to addresses: at most `atOnce` over all and `perNetwork` to one /24 or /48 (R32). */
export type AddressLimiter = <T>(
  address: IpAddress,
  signal: AbortSignal,
  work: () => Promise<T>,
) => Promise<T>

export function createAddressLimiter(atOnce: number, perNetwork: number): AddressLimiter {
  const overall = new PQueue({ concurrency: atOnce })
  const networks = new Map<string, PQueue>()
  return async (address, signal, work) => {
    const key = networkOf(address)
    const network = networks.get(key) ?? new PQueue({ concurrency: perNetwork })
    networks.set(key, network)
    try {
      // The narrow queue first: work that waits for its network holds no place that others could use.
      return await enqueue(network, signal, () => enqueue(overall, signal, work))
    } finally {
      if (network.size === 0 && network.pending === 0 && networks.get(key) === network) networks.delete(key)
    }
  }
}

/** The /24 or /48 that an address lies in. */
function networkOf(address: IpAddress): string {
  if (!isIpv6(address)) return address.slice(0, address.lastIndexOf('.'))
  const [head = ''] = address.split('::')
  const words = head.split(':').filter(Boolean)
  return [...words, '0', '0', '0'].slice(0, 3).join(':')
}

async function enqueue<T>(queue: PQueue, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  let started = false
  const run = async () => {
    started = true
    return await work()
  }
  const waiting = new AbortController()
  const stop = () => {
    // Work that runs hears of the abort through its own signal and cleans up before it ends.
    if (!started) waiting.abort()
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) throw stopped('waiting for a free place')
    return await queue.add(run, { signal: waiting.signal })
  } catch (error) {
    if (!started) throw stopped('waiting for a free place')
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
