import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { randomId } from '../lib/id.ts'

// Editors on Windows write one; whoever reads the text does not see it.
const BYTE_ORDER_MARK = '\ufeff'

/**
 * Puts new text in the place of old in one step: a reader sees the one or the other, and a power cut loses neither. Mode
 * and owner stay, a symbolic link stays a link, a byte order mark stays in front. Throws when the file holds something
 * else than `before` by now.
 */
export async function replaceFile(file: string, before: string, after: string): Promise<void> {
  const target = await realpath(file)
  const { mode, uid, gid } = await stat(target)
  const directory = dirname(target)
  const mark = (await readFile(target, 'utf8')).startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''
  const temporary = join(directory, `.${randomId('watch')}.tmp`)
  try {
    await using handle = await open(temporary, 'wx', 0o600)
    await handle.writeFile(mark + after)
    await keepOwner(() => handle.chown(uid, gid))
    await handle.chmod(mode & 0o7777)
    await handle.sync()
    if ((await readFile(target, 'utf8')) !== mark + before)
      throw new Error(`${file} was changed by somebody else`)
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await using handle = await open(directory)
  await handle.sync()
}

/** Only root may give files away; anybody else's editor takes the file over in the same way. */
async function keepOwner(chown: () => Promise<void>): Promise<void> {
  try {
    await chown()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  }
}
