import { statfs } from 'node:fs/promises'
import { filesystemType } from '../../store/place.ts'
import type { Machine } from './doctor-line.ts'

/** The machine that we run on. */
export const thisMachine: Machine = {
  versions: { node: process.versions.node, sqlite: process.versions.sqlite ?? '0' },
  filesystemType,
  async space(directory) {
    const { bavail, blocks, bsize } = await statfs(directory)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  },
}
