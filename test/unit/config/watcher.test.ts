import { mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchConfigFile } from '../../../src/config/watcher.ts'
import { type ManualClock, manualClock } from '../../../src/lib/manual-clock.ts'
import type { Clock } from '../../../src/lib/time.ts'

/** A watched file and a clock that can say when the watcher is asleep again, so that no test waits by guess. */
async function watched(name = 'watch.yaml') {
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-watch-'))
  const file = join(directory, name)
  await writeFile(file, 'domains: [a.example]\n')
  const clock: ManualClock = manualClock(0)
  let asleep = Promise.withResolvers<void>()
  const told: Clock = {
    ...clock,
    sleep: (ms, signal) => {
      const slept = clock.sleep(ms, signal)
      asleep.resolve()
      return slept.then(() => onWaking())
    },
  }
  let changes = 0
  let onWaking = () => {}
  const watcher = watchConfigFile(file, told, () => {
    changes += 1
  })
  await asleep.promise
  return {
    file,
    directory,
    async look(): Promise<number> {
      asleep = Promise.withResolvers<void>()
      await clock.advance(2000)
      await asleep.promise
      return changes
    },
    /** Wakes the watcher and stops it while it looks; gives how often it has told of a change by the end. */
    async stopWhileLooking(): Promise<number> {
      const { promise: stopped, resolve } = Promise.withResolvers<void>()
      onWaking = () => resolve(watcher[Symbol.asyncDispose]())
      await clock.advance(2000)
      await stopped
      return changes
    },
    async [Symbol.asyncDispose]() {
      await watcher[Symbol.asyncDispose]()
      await rm(directory, { recursive: true })
    },
  }
}

test('a change is told once, when the file has stood still for two seconds', async () => {
  await using it = await watched()
  expect(await it.look()).toBe(0)
  await writeFile(it.file, 'domains: [a.ex')
  expect(await it.look()).toBe(0)
  await writeFile(it.file, 'domains: [a.example, b.example]\n')
  expect(await it.look()).toBe(0)
  expect(await it.look()).toBe(1)
  expect(await it.look()).toBe(1)
})

test('an editor that renames over the file is seen, every time', async () => {
  await using it = await watched()
  for (const round of [1, 2, 3]) {
    await writeFile(`${it.file}~`, `domains: [a${round}.example]\n`)
    await rename(`${it.file}~`, it.file)
    await it.look()
    expect(await it.look()).toBe(round)
  }
})

test('a swapped symbolic link is seen', async () => {
  await using it = await watched()
  await writeFile(join(it.directory, 'new'), 'domains: [new.example]\n')
  await symlink(join(it.directory, 'new'), join(it.directory, 'link'))
  await rename(join(it.directory, 'link'), it.file)
  await it.look()
  expect(await it.look()).toBe(1)
})

test('a file that was only touched has not changed', async () => {
  await using it = await watched()
  await utimes(it.file, 1, 1)
  await it.look()
  expect(await it.look()).toBe(0)
})

test('a file that goes has changed, and again when it comes back', async () => {
  await using it = await watched()
  await rm(it.file)
  await it.look()
  expect(await it.look()).toBe(1)
  await writeFile(it.file, 'domains: [b.example]\n')
  await it.look()
  expect(await it.look()).toBe(2)
})

test('told to stop while it reads a changed file, it tells of it no more', async () => {
  await using it = await watched()
  await writeFile(it.file, 'domains: [b.example]\n')
  expect(await it.look()).toBe(0)
  expect(await it.stopWhileLooking()).toBe(0)
})
