import { expect, test } from 'vitest'
import { drainLane } from '../../../src/app/lane.ts'
import { CHECK_JOB, checkLane } from '../../../src/app/lanes/check-lane.ts'
import { HOUR_MS, SECOND_MS } from '../../../src/lib/time.ts'
import type { Snapshot } from '../../../src/model/snapshot.ts'
import { absent, answer, healthy } from '../check/snapshot-builder.ts'
import { desk, domain, lookAt } from './desk.ts'

const A = domain('a.example')
const AN_HOUR = `${A} ${HOUR_MS}`
const AFRESH = `${A} ${30 * SECOND_MS}`

async function watching(edit: Readonly<Record<string, unknown>> = {}) {
  const it = await desk({ domains: [{ name: A, ...edit }] })
  const lane = checkLane(it.tools, () => it.settings, 4)
  let jobs = 0
  return {
    ...it,
    async look() {
      const key = `job ${++jobs}`
      await it.store.jobs.enqueue({ key, kind: CHECK_JOB, argument: A, dueAt: it.clock.now(), slot: null })
      await it.clock.drive(drainLane(lane, it.never))
      await it.clock.advance(HOUR_MS / 4)
    },
    see(edit: Partial<Snapshot>) {
      it.probe.look = async (name) => lookAt(name, it.clock.now(), healthy(edit))
    },
  }
}

test('name servers are asked once an hour, and afresh when a record changed', async () => {
  await using it = await watching()
  await it.look()
  await it.look()
  it.see({ tlsrptRecord: answer(['v=TLSRPTv1; rua=mailto:others@reports.example']) })
  await it.look()
  await it.look()
  expect(it.probe.zoneLooks).toEqual([AN_HOUR, AN_HOUR, AFRESH, AN_HOUR])
})

test('they are asked afresh while something about the domain is being confirmed', async () => {
  await using it = await watching()
  it.see({ stsRecord: absent() })
  await it.look()
  await it.look()
  expect(it.probe.zoneLooks).toEqual([AN_HOUR, AFRESH])
})

test('they are left alone where watch.yaml says so', async () => {
  await using it = await watching({ name_servers: false })
  await it.look()
  expect(it.probe.looks).toEqual([A])
  expect(it.probe.zoneLooks).toEqual([])
})
