import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

export type FoundPath =
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number; readonly isMail: boolean }
  | { readonly kind: 'problem'; readonly path: string; readonly problem: PathProblem }

export interface PathProblem {
  /** missing: a path that the operator named is not there. */
  readonly kind: 'missing' | 'unreadable'
  /** One line that follows the name. */
  readonly message: string
}

/**
 * The files under the paths, folders to the bottom, in the order of their names. Of a Maildir the mails in cur and new,
 * and its sub-folders; of other folders everything that is not hidden. Symbolic links are followed, but no folder is
 * entered twice. What cannot be read is a problem of that path alone; never rejects.
 */
export async function* walkPaths(paths: readonly string[]): AsyncGenerator<FoundPath> {
  for (const path of paths) yield* walk(path, new Map())
}

/** Folders by device and inode, with the path by which each was entered. */
type Entered = Map<string, string>

async function* walk(path: string, entered: Entered): AsyncGenerator<FoundPath> {
  const stats = await stat(path).catch((error: unknown) => pathProblem(error))
  if ('message' in stats) yield { kind: 'problem', path, problem: stats }
  else if (stats.isDirectory()) yield* walkFolder(path, stats, entered)
  else if (stats.isFile()) yield { kind: 'file', path, sizeBytes: stats.size, isMail: false }
  else yield unreadable(path, 'is neither a file nor a folder')
}

async function* walkFolder(path: string, stats: Stats, entered: Entered): AsyncGenerator<FoundPath> {
  const key = `${stats.dev}:${stats.ino}`
  const before = entered.get(key)
  if (before !== undefined) {
    yield unreadable(path, `is the folder ${before} again; it is read once`)
    return
  }
  entered.set(key, path)
  const names = await readdir(path).catch((error: unknown) => pathProblem(error))
  if ('message' in names) {
    yield { kind: 'problem', path, problem: names }
    return
  }
  const sorted = names.sort()
  if (names.includes('cur') && names.includes('new')) yield* walkMaildir(path, sorted, entered)
  else for (const name of sorted.filter((one) => !one.startsWith('.'))) yield* walkNamed(path, name, entered)
}

/** Maildir++ keeps sub-folders beside cur, new and tmp, most with a leading dot; everything else there is the server's. */
async function* walkMaildir(
  path: string,
  names: readonly string[],
  entered: Entered,
): AsyncGenerator<FoundPath> {
  for (const box of ['new', 'cur']) {
    for await (const found of walkPlain(join(path, box), entered))
      yield found.kind === 'file' ? { ...found, isMail: true } : found
  }
  for (const name of names.filter((one) => !['cur', 'new', 'tmp'].includes(one))) {
    const inside = await readdir(join(path, name)).catch((): string[] => [])
    if (inside.includes('cur') && inside.includes('new')) yield* walkNamed(path, name, entered)
  }
}

/** The files of one folder, without what lies deeper. */
async function* walkPlain(path: string, entered: Entered): AsyncGenerator<FoundPath> {
  const names = await readdir(path).catch((error: unknown) => pathProblem(error))
  if ('message' in names) yield { kind: 'problem', path, problem: names }
  else
    for (const name of names.sort().filter((one) => !one.startsWith('.')))
      yield* walkNamed(path, name, entered)
}

async function* walkNamed(folder: string, name: string, entered: Entered): AsyncGenerator<FoundPath> {
  const path = join(folder, name)
  if (name.includes('\ufffd')) yield unreadable(path, 'has a name that is not UTF-8; rename it')
  else
    for await (const found of walk(path, entered))
      yield isMissing(found) ? unreadable(path, 'is gone, or a symbolic link to nothing') : found
}

function isMissing(found: FoundPath): boolean {
  return found.kind === 'problem' && found.problem.kind === 'missing'
}

function unreadable(path: string, message: string): FoundPath {
  return { kind: 'problem', path, problem: { kind: 'unreadable', message } }
}

/** Why the file system said no, in words. */
export function pathProblem(error: unknown): PathProblem {
  const code = error instanceof Error && 'code' in error ? error.code : null
  switch (code) {
    case 'ENOENT':
      return { kind: 'missing', message: 'does not exist' }
    case 'EACCES':
    case 'EPERM':
      return { kind: 'unreadable', message: 'may not be read by this user' }
    case 'ELOOP':
      return { kind: 'unreadable', message: 'is a symbolic link that leads back to itself' }
    default:
      return {
        kind: 'unreadable',
        message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      }
  }
}
