import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireInstanceLock } from '../../../src/store/instance-lock.ts'
import { startChild } from './child.ts'
import { scratch } from './scratch.ts'

async function release(lock: Awaited<ReturnType<typeof acquireInstanceLock>>): Promise<void> {
  if (lock.ok) await lock.value[Symbol.asyncDispose]()
}

test('a second process is refused with the pid of the holder, and kill -9 of the holder frees the lock', async () => {
  await using place = await scratch()
  const file = join(place.directory, 'data', 'stswatch.db')
  await using child = startChild('lock-holder.ts', file, 'worker')
  expect((await child.lines.next()).value).toBe('locked')
  const refused = await acquireInstanceLock(file, 'worker', 2_000)
  expect(refused).toEqual({ ok: false, error: { pid: child.pid, host: hostname(), since: 1_000 } })
  child.kill('SIGKILL')
  await child.ended
  const taken = await acquireInstanceLock(file, 'worker', 3_000)
  expect(taken.ok).toBe(true)
  await release(taken)
})

test('a lock is for one role of one database, and is free again when given back', async () => {
  await using place = await scratch()
  const first = await acquireInstanceLock(place.file, 'worker', 1)
  const others = [
    await acquireInstanceLock(place.file, 'web', 1),
    await acquireInstanceLock(`${place.file}2`, 'worker', 1),
  ]
  expect([first, ...others].map((lock) => lock.ok)).toEqual([true, true, true])
  expect(await acquireInstanceLock(place.file, 'worker', 2)).toMatchObject({
    error: { pid: process.pid, since: 1 },
  })
  await release(first)
  const again = await acquireInstanceLock(place.file, 'worker', 3)
  expect(again.ok).toBe(true)
  for (const lock of [again, ...others]) await release(lock)
})
