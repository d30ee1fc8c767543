import { expect, test } from 'vitest'
import { askDns } from '../../../src/probe/dns-client.ts'
import { faultOf } from '../../../src/probe/fault-error.ts'
import { QUICK } from './lab-probe.ts'

// The kernel refuses to connect there at once, as it refuses everywhere while this machine has no network.
const NO_WAY = '255.255.255.255'

test('a resolver that this machine has no way to is a fault, not the end of the program', async () => {
  const question = {
    name: 'example.com',
    type: 'A',
    checkingDisabled: false,
    recursionDesired: true,
  } as const
  const asked = askDns({ address: NO_WAY, port: 53 }, question, QUICK.dns, new AbortController().signal)
  const fault = await asked.then(() => null, faultOf)
  expect(fault).toMatchObject({ kind: 'dns-unreachable', blame: 'local' })
})
