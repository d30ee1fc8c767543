import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countReportFiles, readReportFiles } from '../../../src/mailbox/report-files.ts'
import { pathProblem } from '../../../src/mailbox/walk-paths.ts'

let place = ''
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'stswatch-files-'))
})
afterEach(() => rm(place, { recursive: true }))

async function put(name: string, content: string | Uint8Array = name): Promise<string> {
  const path = join(place, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  return path
}

/** Every file by its name below `place`: its content, or why not; and that counting them gave the same number. */
async function read(paths: readonly string[] = [''], stdin: readonly string[] = []) {
  const all = paths.map((path) => (path === '-' ? path : join(place, path)))
  const found: [string, string][] = []
  async function* input() {
    yield* stdin.map((text) => Buffer.from(text))
  }
  for await (const file of readReportFiles(all, input())) {
    const name = file.name.replace(`${place}/`, '')
    found.push([name, 'bytes' in file ? Buffer.from(file.bytes).toString() : `! ${file.problem.message}`])
  }
  if (!paths.includes('-')) expect(await countReportFiles(all)).toBe(found.length)
  return found
}

const ENVELOPE = 'From tls@sender.example Sun Jan 11 03:00:00 2026\n'

/** Root may read everything: what it looks at as root shows nothing about permissions. */
async function asMereUser<T>(look: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return look()
  process.seteuid?.(65_534)
  try {
    return await look()
  } finally {
    process.seteuid?.(0)
  }
}

describe('what is found', () => {
  it('a file, whatever its name', async () => {
    await put('a.json', '{}')
    expect(await read(['a.json'])).toEqual([['a.json', '{}']])
  })

  it('files in folders, to the bottom, in order; hidden ones are left out', async () => {
    for (const name of ['b/2.json', 'b/1.eml', 'b/deep/er/x.gz', '.hidden', '.git/config', 'a.zip'])
      await put(name)
    expect((await read()).map(([name]) => name)).toEqual(['a.zip', 'b/1.eml', 'b/2.json', 'b/deep/er/x.gz'])
  })

  it('the mails of a Maildir and its sub-folders, and nothing of what its server keeps there', async () => {
    const names = [
      'M/new/1.host',
      'M/cur/2.host:2,S',
      'M/tmp/3.host',
      'M/dovecot.index',
      'M/.Reports.Old/cur/4.host:2,',
      'M/.Reports.Old/new/5',
      'M/.Reports.Old/tmp/6',
      'M/Plain/cur/7',
      'M/Plain/new/8',
      'M/sieve/script',
    ]
    for (const name of names) await put(name)
    expect((await read(['M'])).map(([name]) => name)).toEqual([
      'M/new/1.host',
      'M/cur/2.host:2,S',
      'M/.Reports.Old/new/5',
      'M/.Reports.Old/cur/4.host:2,',
      'M/Plain/new/8',
      'M/Plain/cur/7',
    ])
  })

  it('the mails of an mbox, numbered; one in a Maildir that begins with "From " is a mail', async () => {
    await put('archive', `${ENVELOPE}A: 1\n\n${ENVELOPE}A: 2\n`)
    await put('M/new/1', `${ENVELOPE}A: 1\n\n${ENVELOPE}A: 2\n`)
    await put('M/cur/.keep')
    expect(await read(['archive', 'M'])).toEqual([
      ['archive#1', 'A: 1\n'],
      ['archive#2', 'A: 2\n'],
      ['M/new/1', `${ENVELOPE}A: 1\n\n${ENVELOPE}A: 2\n`],
    ])
  })

  it('standard input, as a file or an mbox, in pieces', async () => {
    expect(await read(['-'], ['{', '}'])).toEqual([['standard input', '{}']])
    expect(await read(['-'], ['Fr', `${ENVELOPE.slice(2)}A: 1\n\n`, `${ENVELOPE}A: 2\n`])).toEqual([
      ['standard input#1', 'A: 1\n'],
      ['standard input#2', 'A: 2\n'],
    ])
    expect(await read(['-'], [])).toEqual([['standard input', '! is empty']])
  })
})

describe('what cannot be read is one line, and the rest goes on', () => {
  it('a path that is not there', async () => {
    await put('z')
    expect(await read(['none', 'z'])).toEqual([
      ['none', '! does not exist'],
      ['z', 'z'],
    ])
  })

  it('an empty file', async () => {
    await put('a', '')
    expect(await read()).toEqual([['a', '! is empty']])
  })

  it('a file of more than 20 MiB, in an mbox a mail of more than 15', async () => {
    await put('a', 'x')
    await truncate(join(place, 'a'), 20 * 2 ** 20)
    await put('b', 'x')
    await truncate(join(place, 'b'), 20 * 2 ** 20 + 1)
    await put('c', ENVELOPE)
    await truncate(join(place, 'c'), 15 * 2 ** 20 + 1)
    const found = await read()
    expect(found.map(([name, text]) => [name, text.slice(0, 40)])).toEqual([
      ['a', `x${'\0'.repeat(39)}`],
      ['b', '! is larger than we read: 21 MiB or more; at most 20 MiB'.slice(0, 40)],
      ['c#1', '! is larger than we read: 16 MiB or more; at most 15 MiB'.slice(0, 40)],
    ])
  })

  it('links in a circle, to themselves, to nothing; a folder reached twice is read once', async () => {
    await put('d/x')
    await symlink('..', join(place, 'd/up'))
    await symlink('self', join(place, 'self'))
    await symlink('nowhere', join(place, 'void'))
    await symlink('d', join(place, 'e'))
    await symlink('d/x', join(place, 'f'))
    expect(await read()).toEqual([
      ['d/up', `! is the folder ${place} again; it is read once`],
      ['d/x', 'd/x'],
      ['e', `! is the folder ${place}/d again; it is read once`],
      ['f', 'd/x'],
      ['self', '! is a symbolic link that leads back to itself'],
      ['void', '! is gone, or a symbolic link to nothing'],
    ])
  })

  it('a pipe, which would never end', async () => {
    execFileSync('mkfifo', [join(place, 'pipe')])
    expect(await read()).toEqual([['pipe', '! is neither a file nor a folder']])
  })

  it('a name that is not UTF-8', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${place}/a`), Buffer.from([0xff])]), 'x')
    expect(await read()).toEqual([['a\ufffd', '! has a name that is not UTF-8; rename it']])
  })

  it('a file and a folder without permission', async () => {
    await put('a')
    await put('d/x')
    await put('z')
    await chmod(join(place, 'a'), 0)
    await chmod(join(place, 'd'), 0)
    await chmod(place, 0o755)
    const found = await asMereUser(read)
    await chmod(join(place, 'd'), 0o700)
    expect(found).toEqual([
      ['a', '! may not be read by this user'],
      ['d', '! may not be read by this user'],
      ['z', 'z'],
    ])
  })

  it.each([
    ['EACCES', 'may not be read by this user'],
    ['EPERM', 'may not be read by this user'],
    ['ELOOP', 'is a symbolic link that leads back to itself'],
    ['EIO', 'cannot be read: EIO happened'],
  ])('%s is told in words', (code, message) => {
    const error = Object.assign(new Error(`${code} happened`), { code })
    expect(pathProblem(error)).toEqual({ kind: 'unreadable', message })
  })
})
