import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Where a database would live. */
export interface Place {
  /** The nearest directory that is there: what is missing below it is made at the first start. */
  readonly directory: string
  /** What stands in the way, because it is no directory; null: nothing does. */
  readonly obstacle: string | null
  readonly isThere: boolean
}

export async function placeOf(databaseFile: string): Promise<Place> {
  const wanted = dirname(databaseFile)
  for (let directory = wanted; ; directory = dirname(directory)) {
    const isDirectory = await kindOf(directory)
    if (isDirectory === null && dirname(directory) !== directory) continue
    if (isDirectory === false) return { directory: dirname(directory), obstacle: directory, isThere: false }
    return { directory, obstacle: null, isThere: directory === wanted }
  }
}

/** Whether it is a directory; null: there is nothing of that name. */
async function kindOf(path: string): Promise<boolean | null> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => null,
  )
}
