import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cli } from '../../../src/cli/cli.ts'
import { EXIT, type Io } from '../../../src/cli/io.ts'
import { parseReportCommand } from '../../../src/cli/parse-report.ts'
import { reportCases, reportSource } from '../../vectors/cases.ts'
import { GZIPPED, HUMAN, MACHINE, mail, REPORT } from '../mailbox/mail-builder.ts'

type Input = readonly (Uint8Array | string)[]

async function run(input: Input, file: string | null = null, lines = false) {
  const printed = { out: '', err: '' }
  const io = ioOf(input, printed)
  const status = await parseReportCommand({ file, lines }, io)
  return { status, ...printed }
}

function ioOf(input: Input, printed: { out: string; err: string }): Io {
  return {
    stdin: (async function* () {
      yield* input
    })(),
    out: (text) => {
      printed.out += text
    },
    err: (text) => {
      printed.err += text
    },
    drained: async () => {},
    env: {},
    terminal: false,
    columns: 80,
  }
}

/** What `--lines` answers, parsed. */
async function answers(lines: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const input = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
  const { status, out, err } = await run(input, null, true)
  expect({ status, err }).toEqual({ status: EXIT.ok, err: '' })
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('one report', () => {
  it('is printed with outcome, reports, deviations and sums', async () => {
    const { status, out } = await run([REPORT.toString().replace('"192.0.2.1"', '""')])
    expect(status).toBe(EXIT.ok)
    const printed = JSON.parse(out)
    expect(Object.keys(printed)).toEqual(['outcome', 'reports', 'deviations', 'success', 'failure'])
    expect(printed).toMatchObject({
      outcome: 'accept_warn',
      success: 10,
      failure: 2,
      reports: [
        {
          startAt: '2026-01-10T00:00:00.000Z',
          days: { first: '2026-01-10', last: '2026-01-10' },
          policies: [{ policyType: 'sts', policyDomain: 'a.example' }],
        },
      ],
    })
    expect(printed.deviations).toEqual([
      {
        code: 'ip-empty',
        where: 'policies[0].failure-details[0].sending-mta-ip',
        found: null,
        times: 1,
        meaning: 'an empty address instead of none',
      },
    ])
  })

  it.each<[string, Input, number, string]>([
    ['gzip in pieces', [GZIPPED.subarray(0, 7), GZIPPED.subarray(7)], EXIT.ok, 'accept'],
    ['a mail', [mail({ parts: [HUMAN, MACHINE] })], EXIT.ok, 'accept'],
    ['nothing', [], EXIT.findings, 'reject'],
    ['other text', ['hello'], EXIT.findings, 'reject'],
    ['more than is read', Array<Buffer>(21).fill(Buffer.alloc(2 ** 20, ' ')), EXIT.findings, 'reject'],
  ])('may be %s', async (_, input, status, outcome) => {
    const ran = await run(input)
    expect(ran.status).toBe(status)
    expect(JSON.parse(ran.out).outcome).toBe(outcome)
  })

  it('without dates shows none', async () => {
    const { out } = await run(['{"policies":[{"summary":{}}]}'])
    expect(JSON.parse(out).reports).toMatchObject([{ startAt: null, endAt: null, days: null }])
  })
})

describe('a file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stswatch-report-'))
    const bare = '{"policies":[{"policy":{"policy-type":"sts"}}]}'
    await writeFile(join(folder, 's.example!n.example!1768003200!1768089599.json.gz'), gzipSync(bare))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('tells by its name what the report does not', async () => {
    const { out } = await run([], join(folder, 's.example!n.example!1768003200!1768089599.json.gz'))
    expect(JSON.parse(out).reports).toMatchObject([
      { startAt: '2026-01-10T00:00:00.000Z', policies: [{ policyDomain: 'n.example' }] },
    ])
  })

  it.each(['missing.json', '.'])('that cannot be read (%s) gives status 66 and its name', async (name) => {
    const { status, out, err } = await run([], join(folder, name))
    expect({ status, out }).toEqual({ status: EXIT.noInput, out: '' })
    expect(err).toContain(join(folder, name))
  })
})

describe('--lines', () => {
  it('answers every report case, as text and as bytes', async () => {
    const lines = reportCases.flatMap((one) => {
      const source = reportSource(one)
      const asBytes = { id: one.id, base64: Buffer.from(source).toString('base64') }
      return typeof source === 'string' ? [{ id: one.id, input: source }, asBytes] : [asBytes]
    })
    const expected = new Map(reportCases.map((one) => [one.id, one]))
    const given = await answers(lines)
    expect(given).toHaveLength(lines.length)
    for (const { id, outcome, success, failure } of given) {
      const one = expected.get(String(id))
      expect({ id, outcome, success, failure }).toEqual({
        id,
        outcome: one?.outcome,
        success: one?.success ?? 0,
        failure: one?.failure ?? 0,
      })
    }
  })

  it('answers in order, with the id, and takes any container', async () => {
    const bytes = mail({ parts: [HUMAN, MACHINE] })
    const given = await answers([
      { id: 'mail', base64: bytes.toString('base64') },
      { id: 2, input: '{}' },
      { base64: '' },
    ])
    expect(given).toMatchObject([
      { id: 'mail', outcome: 'accept', success: 10, failure: 2 },
      { id: 2, outcome: 'reject' },
      { id: null, outcome: 'reject' },
    ])
  })

  it('answers a malformed line with its number and goes on', async () => {
    const given = await answers([
      '{',
      '[]',
      { id: 7 },
      { id: 8, input: { policies: [] } },
      { id: 9, input: '{}' },
    ])
    expect(given).toMatchObject([
      { id: null, error: expect.stringMatching(/^line 1: not JSON/) },
      { id: null, error: expect.stringMatching(/^line 2: not an object/) },
      { id: 7, error: expect.stringMatching(/^line 3: .*base64/) },
      { id: 8, error: expect.stringMatching(/^line 4: .*JSON text/) },
      { id: 9, outcome: 'reject' },
    ])
  })
})

it('is a command', async () => {
  const printed = { out: '', err: '' }
  expect(await cli(['parse', 'report'], ioOf([REPORT], printed))).toBe(EXIT.ok)
  expect(JSON.parse(printed.out).outcome).toBe('accept')
})
