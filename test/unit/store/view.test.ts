import { expect, test } from 'vitest'
import { incident, OPEN, transition } from '../../contract/store-samples.ts'
import { openScratchStore } from './scratch.ts'

test('a view stays as it was while others write, and a later one has it', async () => {
  await using store = await openScratchStore()
  const count = async (id: string) => {
    const during = await store.view(async ({ summaries }) => {
      const first = await Array.fromAsync(summaries.incidents(0))
      await store.commitTransitions([transition('opened', incident(id, OPEN))], [])
      const second = await Array.fromAsync(summaries.incidents(0))
      return [first.length, second.length]
    })
    return during
  }
  expect(await count('a')).toEqual([0, 0])
  expect(await count('b')).toEqual([1, 1])
  expect(await store.incidents.live()).toHaveLength(2)
})

test('a view that fails leaves nothing open', async () => {
  await using store = await openScratchStore()
  const failing = store.view(async () => {
    throw new Error('of the reader')
  })
  await expect(failing).rejects.toThrow('of the reader')
  expect(await store.view(({ summaries }) => summaries.policies())).toEqual([])
})
