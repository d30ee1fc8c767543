import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type StoreOptions } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'

/** A directory that is gone at the end of the test. */
export interface Scratch extends AsyncDisposable {
  readonly directory: string
  /** A database file that does not exist yet. */
  readonly file: string
}

export async function scratch(): Promise<Scratch> {
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-store-'))
  return {
    directory,
    file: join(directory, 'stswatch.db'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

export const OPTIONS: StoreOptions = {
  owner: true,
  allowNetworkFilesystem: false,
  warn: (line) => {
    throw new Error(`unexpected warning: ${line}`)
  },
}

/** A store in a file of its own; closing it removes the file. */
export async function openScratchStore(): Promise<Store> {
  const place = await scratch()
  const store = await openStore(place.file, OPTIONS)
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await place[Symbol.asyncDispose]()
    },
  }
}
