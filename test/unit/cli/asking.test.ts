import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explainCommand } from '../../../src/cli/explain.ts'
import { historyCommand } from '../../../src/cli/history.ts'
import { incidentsCommand } from '../../../src/cli/incidents.ts'
import type { Io } from '../../../src/cli/io.ts'
import { editDomain, healthyDomain, policyText } from '../../../src/lab/build-world.ts'
import { FINDING_CODES } from '../../../src/model/finding-codes.ts'
import type { Incident } from '../../../src/model/incident.ts'
import { Stage, worldOf } from '../../scenario/stage.ts'
import { capturedIo } from './captured-io.ts'

/** An installation with a short past: b.example broke and healed, a.example is broken, c.example was never seen. */
let place = ''
let file = ''
let beganAt = 0

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'stswatch-asking-'))
  file = join(place, 'watch.yaml')
  await writeFile(file, 'domains: [a.example, b.example]\n')
  const database = join(place, 'stswatch.db')
  await using stage = await Stage.open(worldOf([healthyDomain('a.example'), healthyDomain('b.example')]), {
    database,
  })
  beganAt = stage.clock.now()
  await stage.pass(30)
  const longer = policyText({ mx: ['mx1.a.example'], maxAgeSeconds: 1_209_600 })
  stage.change((world) =>
    editDomain(
      editDomain(world, 'b.example', { tlsrptRecord: ['v=TLSRPTv1; rua=ftp://b.example'] }),
      'a.example',
      (domain) => ({
        ...domain,
        policy: domain.policy && { ...domain.policy, body: longer },
      }),
    ),
  )
  await stage.pass(60)
  stage.change((world) =>
    editDomain(world, 'b.example', { tlsrptRecord: ['v=TLSRPTv1; rua=mailto:tls@b.example'] }),
  )
  await stage.pass(60)
})

afterAll(() => rm(place, { recursive: true }))

async function ask(command: (io: Io) => Promise<number>, parts: Partial<Io> = {}) {
  const { io, said } = capturedIo({ env: { DATABASE_FILE: join(place, 'stswatch.db') }, ...parts })
  return { status: await command(io), ...said }
}

const history = (domain: string, more: object = {}, parts: Partial<Io> = {}) =>
  ask(
    (io) => historyCommand({ configFile: file, domain, at: null, days: '90', json: false, ...more }, io),
    parts,
  )
const incidents = (more: object = {}, parts: Partial<Io> = {}) =>
  ask((io) => incidentsCommand({ configFile: file, all: false, json: false, ...more }, io), parts)
const explain = (subject: string, parts: Partial<Io> = {}) =>
  ask((io) => explainCommand({ configFile: file, subject }, io), parts)

describe('history', () => {
  test('tells what changed as a difference, and until when senders may hold the policies', async () => {
    const { status, out } = await history('a.example')
    expect(status).toBe(0)
    expect(out).toMatch(/^a\.example {2}\d+ looks from .* UTC to .* UTC$/m)
    expect(out).toContain('    - max_age: 604800\n    + max_age: 1209600\n')
    expect(out).toMatch(/may be held until .* UTC/)
  })

  test('as JSON has looks, changes and versions', async () => {
    const { out } = await history('b.example', { json: true })
    const told = JSON.parse(out)
    expect(told).toMatchObject({ domain: 'b.example', looks: { firstAt: expect.any(Number) } })
    expect(told.changes.map((change: { part: string }) => change.part)).toEqual([
      'tlsrpt-record',
      'tlsrpt-record',
    ])
    expect(told.policyVersions).toHaveLength(1)
  })

  test('shows the state at an instant as it was known then', async () => {
    const at = new Date(beganAt + 20 * 60_000).toISOString()
    expect((await history('a.example', { at })).out).toContain('max_age 7 days')
    expect((await history('a.example', { at: '2100-01-01' })).out).toContain('max_age 14 days')
    expect(JSON.parse((await history('a.example', { at, json: true })).out)).toMatchObject({
      domain: 'a.example',
    })
  })

  test('takes names as people write them', async () => {
    expect((await history('A.Example.')).status).toBe(0)
  })

  test.each<[string, string, object, number, RegExp]>([
    [
      'a domain that was never looked at',
      'c.example',
      {},
      66,
      /c\.example was not looked at by then\. .*stswatch watch list/,
    ],
    ['an instant before the first look', 'a.example', { at: '2001-01-01' }, 66, /was not looked at by then/],
    ['no name', 'a example', {}, 2, /"a example" is no domain name/],
    ['no number of days', 'a.example', { days: 'many' }, 2, /--days many: write a number of days, like 30/],
    [
      'no time',
      'a.example',
      { at: 'yesterday\u001b[2J' },
      2,
      /--at yesterday\\u\{1b\}\[2J: write a time like/,
    ],
  ])('says what to do about %s', async (_, domain, more, status, complaint) => {
    const told = await history(domain, more)
    expect([told.status, told.out]).toEqual([status, ''])
    expect(told.err).toMatch(complaint)
  })
})

describe('incidents', () => {
  test('shows what is open, and ends with 1 while anything is', async () => {
    const { status, out } = await incidents()
    expect(status).toBe(1)
    expect(out).toMatch(
      /a\.example: The policy text changed, the id of the record did not\n {4}since .* {2}stswatch explain inc_\d+\n/,
    )
    expect(out).not.toContain('b.example')
  })

  test('shows ended ones as well when asked to', async () => {
    const { out } = await incidents({ all: true })
    expect(out.indexOf('Ended')).toBeLessThan(out.indexOf('b.example'))
    expect(out).toMatch(/b\.example: .*\n {4}from .* UTC to .* UTC/)
  })

  test('as JSON is one incident a line', async () => {
    const { out } = await incidents({ all: true, json: true })
    const codes = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Incident).latest.code)
    expect(codes).toEqual(['mta-sts.policy.changed-without-id', 'tlsrpt.record.questionable'])
  })
})

describe('explain', () => {
  test('tells the whole chain of an incident: seen, confirmed, told, evidence', async () => {
    const [line = ''] = (await incidents({ json: true })).out.split('\n')
    const { id } = JSON.parse(line) as Incident
    const { status, out } = await explain(id)
    expect(status).toBe(0)
    for (const part of [
      'a.example: The policy text changed, the id of the record did not',
      `${id}, open, mta-sts.policy.changed-without-id, RFC 8461 §3.1`,
      '_mta-sts.a.example. TXT "v=STSv1; id=',
      'suspected, ',
      'opened, ',
      'ops  opened: sent, ',
      'postmaster  opened: sent, ',
      '"recordId": "20260101T000000Z"',
    ]) {
      expect(out).toContain(part)
    }
  })

  test.each(FINDING_CODES)('has a page for %s', async (code) => {
    const { status, out } = await explain(code)
    expect(status).toBe(0)
    expect(out).toContain(code)
    expect(out.length).toBeGreaterThan(200)
  })

  test.each<[string, string, number, RegExp]>([
    [
      'a code that is nearly right',
      'mta-sts.policy.mx-uncoverd',
      2,
      /Did you mean mta-sts\.policy\.mx-uncovered\?/,
    ],
    [
      'nonsense',
      '\u001b[2Jwhat',
      2,
      /"\\u\{1b\}\[2Jwhat" is neither an incident \(inc_…\) nor a finding code/,
    ],
    [
      'an unknown incident',
      'inc_ffff',
      66,
      /no incident, or more than one, begins with inc_ffff\. All of them: stswatch incidents --all/,
    ],
    ['an ambiguous beginning', 'inc_', 66, /no incident, or more than one/],
  ])('says what to do about %s', async (_, subject, status, complaint) => {
    const told = await explain(subject)
    expect([told.status, told.out]).toEqual([status, ''])
    expect(told.err).toMatch(complaint)
  })
})

describe('every asking command', () => {
  const commands = [
    ['history', (parts: Partial<Io>) => history('a.example', {}, parts)],
    ['incidents', (parts: Partial<Io>) => incidents({}, parts)],
    ['explain', (parts: Partial<Io>) => explain('inc_', parts)],
  ] as const

  test.each(commands)('%s says that nothing is remembered where there is no database', async (_, command) => {
    const { status, out, err } = await command({ env: { DATABASE_FILE: join(place, 'none.db') } })
    expect([status, out]).toEqual([66, ''])
    expect(err).toBe(
      'stswatch: nothing is remembered yet: there is no database. Start watching with: stswatch run\n',
    )
  })

  test.each(commands)('%s says what is wrong with the environment, and nothing else', async (_, command) => {
    const { status, out, err } = await command({ env: { SLACK_BOT_TOKEN: 'xapp-hush' } })
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(/^environment: SLACK_BOT_TOKEN is an app-level token[^\n]*\n$/)
  })

  test.each(commands)('%s paints for terminals alone', async (_, command) => {
    expect((await command({})).out).not.toContain('\u001b')
  })
})
