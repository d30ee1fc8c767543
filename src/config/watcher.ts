import { readFile, stat } from 'node:fs/promises'
import { sha256 } from '../lib/sha256.ts'
import { type Clock, SECOND_MS } from '../lib/time.ts'

const LOOK_EVERY_MS = 2 * SECOND_MS

/**
 * Tells when the contents of a file have become others and have then stood still for two seconds (S50). It looks
 * at the file again and again instead of asking the system to be told, so that it misses neither an editor's
 * rename, nor a swapped symbolic link, nor a network or container mount. It judges nothing: a file that is gone or cut short
 * has changed too. Start it before the first load; dispose it to stop.
 */
export function watchConfigFile(file: string, clock: Clock, onChange: () => void): AsyncDisposable {
  const stop = new AbortController()
  const done = look(file, clock, onChange, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}

async function look(file: string, clock: Clock, onChange: () => void, signal: AbortSignal): Promise<never> {
  let last = await outside(file)
  let told = await fingerprint(file)
  let moved = false
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal)
    const now = await outside(file)
    if (now !== last) {
      last = now
      moved = true
    } else if (moved) {
      moved = false
      const contents = await fingerprint(file)
      // Told to stop while the file was read: whoever would be told may be gone.
      signal.throwIfAborted()
      if (contents === told) continue
      told = contents
      onChange()
    }
  }
}

/** What a write or a rename changes, without reading the file. */
async function outside(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch {
    return 'unreadable'
  }
}

async function fingerprint(file: string): Promise<string> {
  try {
    return sha256(await readFile(file))
  } catch {
    return 'unreadable'
  }
}
