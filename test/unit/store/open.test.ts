import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqlite } from '../../../src/store/node-sqlite.ts'
import { preparePlace } from '../../../src/store/place.ts'
import { setPragmas } from '../../../src/store/pragmas.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { commit, DOMAIN, snapshot, T0 } from '../../contract/store-samples.ts'
import { OPTIONS, scratch } from './scratch.ts'

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

test('the directory and all files are private', async () => {
  await using place = await scratch()
  const directory = join(place.directory, 'new', 'data')
  const file = join(directory, 'stswatch.db')
  await using store = await openStore(file, OPTIONS)
  await store.commitCheck(commit(snapshot(T0)))
  expect(await modeOf(directory)).toBe('700')
  for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(await modeOf(path)).toBe('600')
})

test('a file that others can read is said, one that everybody can write to is refused', async () => {
  await using place = await scratch()
  await writeFile(place.file, '')
  await chmod(place.file, 0o644)
  const lines: string[] = []
  await (await openStore(place.file, { ...OPTIONS, warn: (line) => lines.push(line) }))[Symbol.asyncDispose]()
  expect(lines).toEqual([`Others can read ${place.file} (mode 644). Run: chmod 600 '${place.file}'`])
  await chmod(place.file, 0o666)
  await expect(openStore(place.file, OPTIONS)).rejects.toMatchObject({ kind: 'world-writable' })
  const open = join(place.directory, 'open')
  await mkdir(open)
  await chmod(open, 0o777)
  await expect(openStore(join(open, 'a.db'), OPTIONS)).rejects.toMatchObject({ kind: 'world-writable' })
})

test.each([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xff534d42 - 2 ** 32, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
])('file system %i (%s) is refused unless allowed', async (type, name) => {
  await using scratched = await scratch()
  const place = {
    file: scratched.file,
    allowNetworkFilesystem: false,
    filesystemType: async () => type,
  }
  await expect(preparePlace(place)).rejects.toMatchObject({
    kind: 'network-filesystem',
    message: expect.stringContaining(name),
  })
  await expect(preparePlace({ ...place, allowNetworkFilesystem: true })).resolves.toEqual([])
})

test('every safety setting is in force, and one that does not take is refused', async () => {
  await using place = await scratch()
  using connection = openSqlite(place.file, 0)
  setPragmas(connection, false)
  const value = (name: string) => Object.values(connection.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  const names = [
    'journal_mode',
    'synchronous',
    'foreign_keys',
    'busy_timeout',
    'trusted_schema',
    'journal_size_limit',
  ]
  expect(names.map(value)).toEqual(['wal', 2, 1, 5000, 0, 67_108_864])
  using inMemory = openSqlite(':memory:', 0)
  expect(() => setPragmas(inMemory, false)).toThrow(expect.objectContaining({ kind: 'pragma' }))
})

test('every table is strict', async () => {
  await using place = await scratch()
  await (await openStore(place.file, OPTIONS))[Symbol.asyncDispose]()
  using connection = new DatabaseSync(place.file)
  const tables = connection.prepare(`select name, strict from pragma_table_list where schema = 'main'`).all()
  const loose = tables.filter((table) => table.strict !== 1).map((table) => table.name)
  expect(loose.filter((name) => !String(name).startsWith('sqlite_'))).toEqual([])
  expect(tables.length).toBeGreaterThan(10)
})

test('what is no database is refused and left as it is', async () => {
  await using place = await scratch()
  const text = 'my notes, '.repeat(500)
  await writeFile(place.file, text, { mode: 0o600 })
  await expect(openStore(place.file, OPTIONS)).rejects.toMatchObject({ kind: 'corrupt' })
  expect(await readFile(place.file, 'utf8')).toBe(text)
})

test('damage is found after an unclean end, before anything is written', async () => {
  await using place = await scratch()
  await fillAndLeave(place.file)
  await leaveUncleanly(place.file)
  const damaged = await readFile(place.file)
  // A page in the middle; the header and the schema stay readable.
  damaged.fill(0x5a, 4096 * 12, 4096 * 14)
  await writeFile(place.file, damaged)
  await expect(openStore(place.file, OPTIONS)).rejects.toMatchObject({ kind: 'corrupt' })
  expect(Buffer.compare(await readFile(place.file), damaged)).toBe(0)
})

test('a store that was left cleanly opens without being read whole, and one that was not opens as well', async () => {
  await using place = await scratch()
  await fillAndLeave(place.file)
  await fillAndLeave(place.file)
  await leaveUncleanly(place.file)
  await using store = await openStore(place.file, OPTIONS)
  expect((await store.snapshots.lookSummary(DOMAIN))?.looks).toBe(2)
})

async function fillAndLeave(file: string): Promise<void> {
  await using store = await openStore(file, OPTIONS)
  await store.commitCheck(commit(snapshot(T0)))
}

/** As a killed process leaves the file: without the mark of a clean exit, its log already written back. */
async function leaveUncleanly(file: string): Promise<void> {
  using connection = new DatabaseSync(file)
  connection.exec(`delete from meta where key = 'left-cleanly'`)
}
