import { buildWorld } from '../../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { DnsFaultRule, LabRecord } from '../../../src/lab/world.ts'
import { systemClock } from '../../../src/lib/time.ts'
import type { Resolver } from '../../../src/model/dns.ts'
import { createResolver } from '../../../src/probe/resolver.ts'
import { QUICK } from '../probe/lab-probe.ts'

export interface LabKeys extends AsyncDisposable {
  readonly lab: Lab
  readonly resolver: Resolver
  /** Names that were asked for since the last call, each as often as it was. */
  asked(): readonly string[]
}

/** The lab's DNS with these keys in it, and a resolver that asks it. */
export async function startLabKeys(
  records: readonly LabRecord[],
  dnsFaults: readonly DnsFaultRule[] = [],
): Promise<LabKeys> {
  const zones = ['sender.example', 'example', 'co.uk', 'other.example'].map((name) => ({
    name,
    secure: false,
  }))
  const lab = await startLab(buildWorld({ zones, records, dnsFaults }))
  const servers = [{ address: lab.dns.host, port: lab.dns.port, trusted: true }]
  const resolver = createResolver({ servers, clock: systemClock, limits: QUICK.dns })
  let seen = 0
  return {
    lab,
    resolver,
    asked: () => {
      const names = lab.journal.dns.slice(seen).map(({ name }) => name)
      seen = lab.journal.dns.length
      return names
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
}

export function txt(name: string, text: string): LabRecord {
  return { type: 'TXT', name, ttlSeconds: 300, text }
}
