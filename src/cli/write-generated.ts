import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GeneratedPolicy } from './generated-policy.ts'

/**
 * Writes `mta-sts.txt` and `<domain>.zone` into the directory, which is made when it is not there. A file that holds the
 * same text already is left alone, one with another text is never overwritten. Gives the paths, or a sentence about what
 * stands in the way.
 */
export async function writeGenerated(
  { domain, policy, records }: GeneratedPolicy,
  directory: string,
): Promise<readonly string[] | string> {
  const files = [
    { file: join(directory, 'mta-sts.txt'), text: policy },
    { file: join(directory, `${domain}.zone`), text: records.map((line) => `${line}\n`).join('') },
  ]
  try {
    await mkdir(directory, { recursive: true })
    for (const { file, text } of files) {
      const present = await readIfThere(file)
      if (present !== null && present !== text)
        return `${file} exists already with another text and is not overwritten; move it away, or choose another --out`
    }
    for (const { file, text } of files)
      if ((await readIfThere(file)) === null) await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    const { code, message, path } = error as NodeJS.ErrnoException
    return `${path ?? directory} cannot be written (${code ?? message})`
  }
  return files.map(({ file }) => file)
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
