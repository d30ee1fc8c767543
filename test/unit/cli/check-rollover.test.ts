import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { healthyDomain } from '../../../src/lab/build-world.ts'
import {
  beforeRollover,
  ROLLOVER_HOSTS,
  withKey,
  withRecords,
} from '../../../src/lab/drills/drill-rollover.ts'
import { KNOWN_SPKI_SHA256 } from '../../../src/lab/known-keys.ts'
import { checkLab } from './check-lab.ts'

const RECORD = `_25._tcp.mx1.example.com. IN TLSA 3 1 1 ${KNOWN_SPKI_SHA256.second}`

/** A lab whose domain has a TLSA record, and a watch list that names the next key. */
async function changingLab() {
  const it = await checkLab([healthyDomain('example.com')])
  it.lab.change(beforeRollover)
  const file = join(it.directory, 'watch.yaml')
  const watch = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...watch, hosts: ROLLOVER_HOSTS }))
  return it
}

test('check tells how far a change of keys has come, below its host', async () => {
  await using it = await changingLab()
  const line = async () =>
    (await it.check(['example.com'])).out.split('\n').find((one) => one.includes('next key'))
  expect(await line()).toBe(`      · next key ${KNOWN_SPKI_SHA256.second}: missing; publish ${RECORD}`)
  it.lab.change(withRecords('first', 'second'))
  expect(await line()).toMatch(/: published everywhere, at the latest since .*; safe to install after /)
  it.lab.change((world) => withKey('second')(withRecords('second')(world)))
  expect(await line()).toMatch(/: done; take the host out of `hosts:`$/)
})

test('as JSON the state stands in `rollovers`', async () => {
  await using it = await changingLab()
  const { out } = await it.check(['example.com'], { request: { json: true } })
  expect(JSON.parse(out).rollovers).toMatchObject([
    { host: 'mx1.example.com', state: { name: 'missing' }, record: RECORD },
  ])
})

test('a file that is not there is told with its place, before anything is looked at', async () => {
  await using it = await changingLab()
  const file = join(it.directory, 'watch.yaml')
  await writeFile(file, 'domains: [example.com]\nhosts:\n  mx1.example.com: { next_cert: next.pem }\n')
  const { status, err } = await it.check(['example.com'])
  expect(status).toBe(78)
  expect(err).toContain('watch.yaml:3:')
  expect(err).toContain('next.pem does not exist')
})
