import { SECOND_MS } from '../../lib/time.ts'
import { type DoctorCheck, good, unset, warning } from './doctor-line.ts'
import { placeOf } from './place-of.ts'

const TOPIC = 'disk space'
const MEBIBYTE = 1024 * 1024
const LEAST_BYTES = 256 * MEBIBYTE
const LEAST_SHARE = 0.05

export const DISK_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 5 * SECOND_MS,
  async run({ env: { databaseFile }, machine }) {
    if (databaseFile === ':memory:') return [unset(TOPIC, 'nothing is written')]
    const { directory } = await placeOf(databaseFile)
    const { freeBytes, totalBytes } = await machine.space(directory)
    const text = `${Math.floor(freeBytes / MEBIBYTE)} MiB free of ${Math.floor(totalBytes / MEBIBYTE)} MiB at ${directory}`
    return freeBytes < LEAST_BYTES || freeBytes < totalBytes * LEAST_SHARE
      ? [
          warning(
            TOPIC,
            text,
            `Make room, or put DATABASE_FILE on another disk: du -xh '${directory}' | sort -h | tail`,
          ),
        ]
      : [good(TOPIC, text)]
  },
}
