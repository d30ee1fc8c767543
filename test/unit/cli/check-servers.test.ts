import { join } from 'node:path'
import { expect, test } from 'vitest'
import { editDomain, editNameServer, healthyDomain, nameServer } from '../../../src/lab/build-world.ts'
import type { LabNameServer, World } from '../../../src/lab/world.ts'
import { systemClock } from '../../../src/lib/time.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { commit } from '../../contract/store-samples.ts'
import { OPTIONS } from '../store/scratch.ts'
import { checkLab } from './check-lab.ts'

const A = 'a.example'

function withServers(world: World): World {
  return { ...world, nameServers: [nameServer(A, 1, { serial: 7 }), nameServer(A, 2, { serial: 7 })] }
}

async function checked(edit: Partial<LabNameServer>) {
  await using it = await checkLab([healthyDomain(A)])
  it.lab.change((world) => editNameServer(withServers(world), `ns2.${A}`, edit))
  return await it.check([A])
}

/** The lines from the name servers on to the end of what was seen, addresses and gaps left out. */
function serverLines(out: string): readonly string[] {
  const lines = out.split('\n')
  const from = lines.findIndex((line) => line.includes('name servers'))
  return lines.slice(from, lines.indexOf('', from)).map((line) =>
    line
      .trim()
      .replaceAll(/2001:db8:[0-9a-f:]+ */g, '')
      .replaceAll(/ +/g, ' '),
  )
}

test('name servers that agree are one line', async () => {
  const { status, out } = await checked({})
  expect(serverLines(out)).toEqual(['✓ name servers a.example: 2 servers, 2 addresses agree, serial 7'])
  expect(status).toBe(0)
})

test.each<[string, Partial<LabNameServer>, string, string]>([
  ['an older serial', { serial: 6 }, '✗ ns2.a.example serial 6, behind the others', 'dns.server.stale'],
  [
    'other records',
    { serial: 6, domain: { stsRecord: ['v=STSv1; id=old;'] } },
    '✗ ns2.a.example serial 6, other TXT than the rest',
    'dns.server.stale',
  ],
  [
    'a refusal',
    { faults: [{ at: '*', type: 'any', fault: 'refused' }] },
    '✗ ns2.a.example answers REFUSED',
    'dns.server.lame',
  ],
  [
    'a zone that is not its own',
    { authoritative: false },
    '✗ ns2.a.example does not have the zone',
    'dns.server.lame',
  ],
  [
    'a type that it fails on',
    { faults: [{ at: '*', type: 'TLSA', fault: 'servfail' }] },
    '✗ ns2.a.example serial 7, no answer for TLSA',
    'dns.server.drops-type',
  ],
])('%s: the servers are a table, and the finding is told at once', async (_what, edit, line, code) => {
  const { status, out } = await checked(edit)
  expect(serverLines(out)).toEqual([
    '✗ name servers a.example: 2 servers, 2 addresses',
    '✓ ns1.a.example serial 7',
    line,
  ])
  expect(out).toContain(`    ${code}, RFC `)
  expect(status).toBe(1)
})

test('a closed port shows without blame in the table; the finding says whose it is', async () => {
  const { out } = await checked({ path: 'refused' })
  expect(serverLines(out)[2]).toMatch(/^· ns2\.a\.example no answer: a\.example SOA at .*ECONNREFUSED$/)
  expect(out).toContain('dns.server.mute, RFC 2182 §4')
})

test('what changed since the last look says until when others may see what was', async () => {
  await using it = await checkLab([healthyDomain(A)])
  it.lab.change(withServers)
  const { out } = await it.check([A], { request: { json: true } })
  const { snapshot } = JSON.parse(out) as { readonly snapshot: Snapshot }
  {
    await using store = await openStore(join(it.directory, 'none.db'), OPTIONS)
    await store.commitCheck(commit(snapshot))
  }
  it.lab.change((world) => editDomain(world, A, { stsRecord: ['v=STSv1; id=20270101T000000Z;'] }))
  const before = systemClock.now()
  const changed = await it.check([A])
  expect(changed.out).toContain('Changed since the last look:')
  expect(changed.out).toMatch(/id=20260101T000000Z; → v=STSv1; id=20270101T000000Z;/)
  const [, until = ''] = /may still give the old answer until\s+(\S+ \S+) UTC\./.exec(changed.out) ?? []
  // The zone gives its records a TTL of five minutes; the text is cut to the minute.
  const seconds = (Date.parse(`${until}Z`) - before) / 1_000
  expect(seconds).toBeGreaterThanOrEqual(240)
  expect(seconds).toBeLessThan(600)
})
