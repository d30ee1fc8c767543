import { buildWorld, healthyDomain, mailHost, webHost } from '../../src/lab/build-world.ts'
import type { World } from '../../src/lab/world.ts'
import type { LabShape } from './lab-process.ts'

/** `d0001.bench.test` and so on. */
export function domainNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `d${String(index + 1).padStart(4, '0')}.bench.test`)
}

/** Healthy domains, each with its own MX host or spread evenly over shared ones, and the canaries. */
export function worldFor({ domains, sharedMx }: LabShape): World {
  const shared = Array.from({ length: sharedMx }, (_, index) => `mx${index + 1}.provider.test`)
  const exchangesOf = (index: number) =>
    sharedMx === 0 ? {} : { mx: [{ preference: 10, exchange: shared[index % sharedMx] ?? '' }] }
  return buildWorld({
    domains: [
      ...domainNames(domains).map((name, index) => healthyDomain(name, exchangesOf(index))),
      healthyDomain('canary.test', { mx: [{ preference: 10, exchange: 'mx.canary.test' }] }),
    ],
    hosts: [...shared, 'mx.canary.test'].map((name) => mailHost(name)).concat(webHost('www.canary.test')),
    zones: [{ name: 'signed.canary.test', secure: true }],
  })
}

/** What a configuration needs to live in that world. */
export const CANARIES = {
  dns: ['canary.test'],
  dnssec: ['signed.canary.test'],
  https: ['www.canary.test'],
  smtp: ['mx.canary.test'],
}
