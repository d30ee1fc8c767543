/** Many domains, and what happens to all of them at once: an outage that is about the monitor, not about them. */

import { expect } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import type { DnsFault, LabDomain, LabHost, World } from '../../src/lab/world.ts'
import type { FindingCode } from '../../src/model/finding.ts'
import { QUICK } from './process.ts'
import { Stage, worldOf } from './stage.ts'

export interface Outage {
  readonly name: string
  readonly code: FindingCode
  /** Words of the one message. */
  readonly title: string
  readonly minutes: number
  /** Ends in silence again and again: each wait is kept short. */
  readonly silent: boolean
  breaks(world: World): World
}

const IMPATIENT = { ...QUICK, connectMs: 400, dns: { ...QUICK.dns, tryMs: 120 } }

/** Where the DNS is well it answers, however busy the machine is. */
const PATIENT_DNS = { ...QUICK.dns, tryMs: 5_000, totalMs: 10_000 }

/** Unrelated domains, every host in a network of its own. */
export function unrelatedDomains(count: number): readonly LabDomain[] {
  return Array.from({ length: count }, (_, index) => healthyDomain(`d${index}.test`))
}

export function dnsFails(fault: DnsFault): Outage['breaks'] {
  return (world) => ({ ...world, dnsFaults: [{ at: '*', type: 'any', resolver: 'all', fault }] })
}

/** Nothing reaches these hosts any more. */
export function lose(isMeant: (host: LabHost) => boolean, path: LabHost['path']): Outage['breaks'] {
  const without = (host: LabHost): LabHost => (isMeant(host) ? { ...host, path } : host)
  return (world) => ({
    ...world,
    hosts: world.hosts.map(without),
    domains: world.domains.map((domain) => ({
      ...domain,
      hosts: domain.hosts.map(without),
      policy: domain.policy && { ...domain.policy, host: without(domain.policy.host) },
    })),
  })
}

/** Forty domains and an outage: it is told once, its end is told once, and no domain is blamed. */
export async function runOutage({ code, title, minutes, silent, breaks }: Outage): Promise<void> {
  const waits = silent ? IMPATIENT : QUICK
  const limits = code === 'monitor.dns.blind' ? waits : { ...waits, dns: PATIENT_DNS }
  await using stage = await Stage.open(worldOf(unrelatedDomains(40)), { limits })
  await stage.pass(16)
  const { world } = stage.lab
  stage.change(breaks)
  await stage.pass(minutes)
  expect(await stage.openIncidents()).toEqual([code])
  stage.change(() => world)
  await stage.pass(40)
  expect(await stage.openIncidents()).toEqual([])
  const told = stage.slackThreads().map((thread) => thread.split('\n'))
  expect(told).toEqual([[expect.stringContaining(title), expect.stringMatching(/resolved/i)]])
  expect(stage.mailLabels()).toEqual(['critical', 'resolved'])
}
