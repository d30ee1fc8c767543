/** The bytes that mails and files were read from, each once, kept for a while so that a better reader can run again. */
import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib'
import type { Insertable } from 'kysely'
import type { UnixMs } from '../lib/time.ts'
import type { Authenticity } from '../model/received-report.ts'
import type { Database, Sql } from './database.ts'
import { prepared } from './prepared.ts'
import { mailsWithPlace, readKey } from './report-mails.ts'
import type { RawMail } from './report-store.ts'
import type { Schema } from './schema.ts'

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** A window of 16 KiB reaches back over all of it; the state that is made for each is a quarter of the usual one. */
const SMALL = { windowBits: 14, memLevel: 7, chunkSize: 4096 }

/** Below this saving it is not worth the time to inflate them again. */
const WORTHWHILE = 0.9

/** Bytes as they are kept: deflated when that makes them a tenth smaller, as base64 is, but gzip and zip are not. */
export interface PackedRaw {
  readonly bytes: Uint8Array
  readonly deflated: boolean
}

/** Up to here the way to the thread pool and back takes more than deflating, which takes less than half a millisecond. */
const SMALL_BYTES = 16 * 1024

/** Larger bytes are packed on the thread pool, so it comes before the transaction, never inside. */
export async function packRaw(bytes: Uint8Array): Promise<PackedRaw> {
  const smaller = bytes.length <= SMALL_BYTES ? deflateRawSync(bytes, SMALL) : await deflate(bytes)
  const worthwhile = smaller.length <= bytes.length * WORTHWHILE
  return worthwhile ? { bytes: smaller, deflated: true } : { bytes, deflated: false }
}

/** Keeps them, counted from the arrival of the newest mail that has these bytes. */
export async function keepRaw(sql: Sql, sha256: string, raw: PackedRaw, at: UnixMs): Promise<void> {
  await insertRaw(sql, { sha256, last_at: at, deflated: raw.deflated ? 1 : 0, bytes: raw.bytes })
}

const insertRaw = prepared((sql, row: Insertable<Schema['raw']>) =>
  sql
    .insertInto('raw')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('sha256').doUpdateSet((kept) => ({
        last_at: kept.fn('max', ['raw.last_at', 'excluded.last_at']),
      })),
    ),
)

/** One mail at a time in the order in which they were read; see ReportStore.raws. */
export async function* rawMails(database: Database): AsyncIterable<RawMail> {
  let after = 0
  for (;;) {
    const row = await database.read((sql) => nextRaw(sql, after))
    if (row === undefined) return
    after = row.id
    yield {
      key: readKey(row),
      rawSha256: row.sha256,
      receivedAt: row.received_at,
      authenticity: row.authenticity === null ? null : (JSON.parse(row.authenticity) as Authenticity),
      bytes: row.deflated === 1 ? await inflate(row.bytes) : row.bytes,
    }
  }
}

function nextRaw(sql: Sql, after: number) {
  return mailsWithPlace(sql)
    .innerJoin('raw', 'raw.sha256', 'mail.raw_sha256')
    .select(['raw.sha256', 'raw.deflated', 'raw.bytes'])
    .where('mail.id', '>', after)
    .where('mail.state', 'not in', ['attempted', 'postponed'])
    .orderBy('mail.id')
    .limit(1)
    .executeTakeFirst()
}
