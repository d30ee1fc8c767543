import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Io } from '../../../src/cli/io.ts'
import { validateCommand } from '../../../src/cli/validate.ts'
import { watchCommand } from '../../../src/cli/watch.ts'

const TEXT = `# my list
domains:
  - example.com   # the first
  - name: bücher.example
    expect: enforce
    tags: [books]
# after
channels: { ops: { type: console } }
`

/** A watch list in a folder of its own, and commands over it. */
async function desk(text = TEXT) {
  const directory = await mkdtemp(join(tmpdir(), 'stswatch-cli-'))
  const file = join(directory, 'watch.yaml')
  await writeFile(file, text)
  const said = { out: '', err: '' }
  const io: Io = {
    stdin: (async function* () {})(),
    out(piece) {
      said.out += piece
    },
    err(piece) {
      said.err += piece
    },
    drained: async () => {},
    env: {},
    terminal: false,
    columns: 80,
  }
  const watch = (action: 'add' | 'remove' | 'list', domains: readonly string[] = [], json = false) =>
    watchCommand(action, { configFile: file, domains, json }, io)
  return {
    directory,
    file,
    said,
    watch,
    check: (env: Io['env'] = {}) => validateCommand(file, { ...io, env }),
    text: () => readFile(file, 'utf8'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
}

test('adds a domain and leaves every other byte', async () => {
  await using it = await desk()
  expect(await it.watch('add', ['Example.ORG', 'straße.example'])).toBe(0)
  const added = '    tags: [books]\n  - example.org\n  - straße.example\n'
  expect(await it.text()).toBe(TEXT.replace('    tags: [books]\n', added))
  expect(it.said.out).toContain('now watches 4 domains')
})

test('adding and removing again gives the same bytes', async () => {
  await using it = await desk()
  await it.watch('add', ['example.org'])
  expect(await it.watch('remove', ['example.org'])).toBe(0)
  expect(await it.text()).toBe(TEXT)
})

test.each([
  ['add', ['EXAMPLE.com.'], 1, 'example.com is watched already'],
  ['add', ['xn--bcher-kva.example'], 1, 'bücher.example is watched already'],
  ['remove', ['example.org'], 1, 'example.org is not watched'],
  [
    'add',
    ['https://example.org/'],
    2,
    '"https://example.org/" is no domain name such as example.com. Did you mean example.org?',
  ],
  ['add', ['com'], 2, '"com" is no domain name'],
  ['add', ['good.example', 'not good'], 2, '"not good" is no domain name'],
  ['remove', ['example.com', 'bücher.example'], 78, 'Nothing was written; it would not load:'],
] as const)('%s %j changes nothing and exits %i', async (action, domains, status, message) => {
  await using it = await desk()
  expect(await it.watch(action, domains)).toBe(status)
  expect(it.said.err).toContain(message)
  expect(await it.text()).toBe(TEXT)
})

test('what can be done of several is done, and the rest is told', async () => {
  await using it = await desk()
  expect(await it.watch('add', ['example.com', 'example.org'])).toBe(1)
  expect(await it.text()).toContain('- example.org')
})

test('a broken file is not edited', async () => {
  await using it = await desk(TEXT.replace('enforce', 'enforced'))
  expect(await it.watch('add', ['example.org'])).toBe(78)
  expect(it.said.err).toContain('Did you mean "enforce"?')
  expect(await it.text()).not.toContain('example.org')
})

test('the mode of the file stays, a link stays a link, and nothing is left behind', async () => {
  await using it = await desk()
  await chmod(it.file, 0o640)
  const link = join(it.directory, 'link.yaml')
  await symlink(it.file, link)
  const io: Io = {
    stdin: (async function* () {})(),
    out() {},
    err() {},
    drained: async () => {},
    env: {},
    terminal: false,
    columns: 80,
  }
  expect(await watchCommand('add', { configFile: link, domains: ['example.org'], json: false }, io)).toBe(0)
  expect((await stat(it.file)).mode & 0o777).toBe(0o640)
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect((await readdir(it.directory)).sort()).toEqual(['link.yaml', 'watch.yaml'])
})

test('lists the domains for people and for programs', async () => {
  await using it = await desk()
  expect(await it.watch('list')).toBe(0)
  expect(it.said.out.split('\n')).toEqual([
    'DOMAIN          EXPECT   CHANNELS  TAGS',
    'example.com     any      ops',
    'bücher.example  enforce  ops       books',
    '',
  ])
  it.said.out = ''
  expect(await it.watch('list', [], true)).toBe(0)
  expect(JSON.parse(it.said.out)[1]).toMatchObject({
    name: 'xn--bcher-kva.example',
    shown: 'bücher.example',
    expect: 'enforce',
    tags: ['books'],
  })
})

test('list and check-config tell what is wrong with a file that is not there', async () => {
  await using it = await desk()
  await rm(it.file)
  expect([await it.watch('list'), await it.watch('add', ['a.example']), await it.check()]).toEqual([
    78, 78, 78,
  ])
  expect(it.said.err.match(/there is no such file/g)).toHaveLength(3)
})

test('check-config counts what is right, and opens no socket', async () => {
  await using it = await desk(TEXT)
  const opened: unknown[] = []
  const count = (message: unknown) => opened.push(message)
  const channels = ['net.client.socket', 'udp.socket']
  for (const channel of channels) subscribe(channel, count)
  expect(await it.check()).toBe(0)
  expect(it.said).toMatchObject({ out: '2 domains, 1 channel, ok\n' })
  for (const channel of channels) unsubscribe(channel, count)
  expect(opened).toEqual([])
})

test('check-config tells mistakes of the file and of the environment together', async () => {
  await using it = await desk('domains: [com]\n')
  expect(await it.check({ SMTP_URL: 'canary' })).toBe(78)
  expect(it.said.err).toContain('domains[0]: found "com"')
  expect(it.said.err).toContain('environment: SMTP_URL is no URL')
  expect(it.said.err).not.toContain('canary')
})

test('check-config refuses a channel that could not speak', async () => {
  await using it = await desk('domains: [a.example]\nchannels: {ops: {type: slack, channel: "#ops"}}\n')
  expect(await it.check()).toBe(78)
  expect(it.said.err).toContain('channel ops (slack) needs SLACK_BOT_TOKEN')
  expect(await it.check({ SLACK_BOT_TOKEN: 'xoxb-1' })).toBe(0)
})

test('check-config refuses a mailbox without a login, and a login without a mailbox', async () => {
  const IMAP_URL = 'imaps://u:canary@mail.example.net'
  await using without = await desk('domains: [a.example]\nmailbox: {}\n')
  expect(await without.check()).toBe(78)
  expect(without.said.err).toContain('`mailbox:` needs IMAP_URL in the environment')
  expect(await without.check({ IMAP_URL })).toBe(0)
  await using unread = await desk('domains: [a.example]\n')
  expect(await unread.check({ IMAP_URL })).toBe(78)
  expect(unread.said.err).toContain('add `mailbox: {}`')
  expect(without.said.err + unread.said.err).not.toMatch(/canary/)
})
