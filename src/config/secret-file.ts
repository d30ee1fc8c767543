import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { err, ok, type Result } from '../lib/result.ts'

const MAX_BYTES = 64 * 1024
const OTHERS = 0o077

/**
 * Reads a secret from a file that is nobody else's: a regular file, no symbolic link, owned by this user or root, closed
 * to group and others (S43, S47). One line break at the end is taken off. The error says what to do, and nothing of the contents.
 */
export function readSecretFile(file: string): Result<string, string> {
  let descriptor: number
  try {
    // One descriptor for looking and reading: the path may point elsewhere a moment later.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    return err(whyClosed(file, (error as NodeJS.ErrnoException).code ?? ''))
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return err(`${file} is not a regular file`)
    if (stat.uid !== 0 && stat.uid !== process.getuid?.()) return err(`${file} belongs to another user`)
    if ((stat.mode & OTHERS) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
      return err(`${file} is open to other users (mode ${mode}); do: chmod 600 ${file}`)
    }
    if (stat.size > MAX_BYTES) return err(`${file} is larger than 64 KiB`)
    const value = readFileSync(descriptor, 'utf8').replace(/\r?\n$/, '')
    return value === '' ? err(`${file} is empty`) : ok(value)
  } finally {
    closeSync(descriptor)
  }
}

function whyClosed(file: string, code: string): string {
  switch (code) {
    case 'ENOENT':
      return `${file} does not exist`
    case 'ELOOP':
      return `${file} is a symbolic link; name the file itself`
    case 'EACCES':
      return `${file} may not be read by this user`
    default:
      return `${file} cannot be read (${code})`
  }
}
