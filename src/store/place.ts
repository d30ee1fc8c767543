/** The directory and file that the database lives in: private, local, and made when missing. */
import { chmod, mkdir, open, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreError } from './store-error.ts'

// statfs(2) f_type of file systems on which SQLite's locks cannot be relied on (R13).
const NETWORK_FILESYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
])

export interface Place {
  readonly file: string
  readonly allowNetworkFilesystem: boolean
  /** The file system's type number, as statfs(2) has it. */
  readonly filesystemType: (directory: string) => Promise<number>
}

/** The type number of the file system that a directory is on. */
export async function filesystemType(directory: string): Promise<number> {
  return (await statfs(directory)).type
}

/**
 * Makes the directory (0700) and the file (0600) when they are missing (S48). Throws StoreError for a network file
 * system or a place that anybody can write to; returns one line for each mode that is looser than it should be.
 */
export async function preparePlace(place: Place): Promise<readonly string[]> {
  const directory = dirname(place.file)
  await createDirectory(directory)
  await refuseNetworkFilesystem(place, directory)
  await createPrivately(place.file)
  if (process.platform === 'win32') return []
  return [...(await looseMode(directory, 0o700)), ...(await looseMode(place.file, 0o600))]
}

/** Throws StoreError where SQLite's locks cannot be relied on (R13). */
export async function refuseNetworkFilesystem(place: Place, directory: string): Promise<void> {
  if (place.allowNetworkFilesystem || process.platform !== 'linux') return
  const name = NETWORK_FILESYSTEMS.get((await place.filesystemType(directory)) >>> 0)
  if (name === undefined) return
  throw new StoreError(
    'network-filesystem',
    `${directory} is on a network file system (${name}), where SQLite can lose data. Put the database on a local disk.`,
  )
}

/** Creates a directory that only its owner can enter; one that exists stays as it is. */
export async function createDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
}

/** Creates an empty file that only its owner can read; one that exists stays as it is. */
export async function createPrivately(file: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.close()
    await chmod(file, 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** One line for each mode of the directory and the file, if there is one, that is looser than it should be. */
export async function looseModes(file: string): Promise<readonly string[]> {
  const own = await looseMode(file, 0o600).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  return [...(await looseMode(dirname(file), 0o700)), ...own]
}

async function looseMode(path: string, wanted: number): Promise<readonly string[]> {
  const mode = (await stat(path)).mode & 0o777
  const advice = `Run: chmod ${wanted.toString(8)} '${path}'`
  if ((mode & 0o002) !== 0) {
    throw new StoreError(
      'world-writable',
      `Everybody can write to ${path} (mode ${mode.toString(8)}). ${advice}`,
    )
  }
  if ((mode & 0o077) === 0) return []
  return [`Others can read ${path} (mode ${mode.toString(8)}). ${advice}`]
}
