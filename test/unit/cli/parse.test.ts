import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXIT, type Io } from '../../../src/cli/io.ts'
import { type ParseKind, parseCommand } from '../../../src/cli/parse.ts'
import {
  matchCases,
  policyBytes,
  policyCases,
  policyText,
  stsRecordCases,
  tlsrptRecordCases,
} from '../../vectors/cases.ts'

interface Run {
  readonly status: number
  readonly out: string
  readonly err: string
}

interface Options {
  readonly file?: string
  readonly lines?: boolean
}

async function run(
  kind: ParseKind,
  input: Io['stdin'] | Uint8Array | string,
  options: Options = {},
): Promise<Run> {
  let out = ''
  let err = ''
  const io: Io = {
    stdin: typeof input === 'string' || input instanceof Uint8Array ? chunks(input) : input,
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    drained: async () => {},
    env: {},
    terminal: false,
    columns: 80,
  }
  const status = await parseCommand(kind, { file: options.file ?? null, lines: options.lines ?? false }, io)
  return { status, out, err }
}

async function* chunks(...parts: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array | string> {
  yield* parts
}

/** What `--lines` answers to these lines, parsed. */
async function answers(kind: ParseKind, lines: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const { status, out, err } = await run(kind, input, { lines: true })
  expect({ status, err }).toEqual({ status: EXIT.ok, err: '' })
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const POLICY = 'version: STSv1\nmode: none\nmax_age: 86400\nmx: a.example\n'

describe('one text', () => {
  it('prints the verdict of a policy with exactly the promised members', async () => {
    const { status, out } = await run('policy', POLICY)
    expect(status).toBe(EXIT.ok)
    expect(JSON.parse(out)).toEqual({
      valid: true,
      value: { mode: 'none', maxAgeSeconds: 86400, mxPatterns: ['a.example'] },
      problems: [],
    })
    expect(out).toContain('\n  "valid": true')
  })

  it('gives status 1 and the problems when it is not valid', async () => {
    const { status, out } = await run('policy', POLICY.replace('none', 'None'))
    expect(status).toBe(EXIT.findings)
    const { valid, value, problems } = JSON.parse(out)
    expect({ valid, value }).toEqual({ valid: false, value: null })
    expect(Object.keys(problems[0])).toEqual(['code', 'severity', 'line', 'message', 'rfc'])
    expect(problems[0]).toMatchObject({ code: 'mode-malformed', line: 2, rfc: 'RFC 8461 §3.2' })
  })

  it.each(policyCases)('reads the bytes of policy case $id', async (testCase) => {
    const bytes = policyBytes(testCase)
    const cut = bytes.length >> 1
    const { status } = await run('policy', chunks(bytes.subarray(0, cut), bytes.subarray(cut)))
    expect(status).toBe(testCase.valid ? EXIT.ok : EXIT.findings)
  })

  it('takes one TXT record a line', async () => {
    const sts = await run('sts-record', 'v=spf1 -all\r\nv=STSv1; id=a\r\n')
    expect(JSON.parse(sts.out)).toMatchObject({ valid: true, value: { id: 'a' }, problems: [{ line: 1 }] })
    const tlsrpt = await run('tlsrpt-record', 'v=TLSRPTv1; rua=mailto:a%21b@x.example,https://x.example/')
    expect(JSON.parse(tlsrpt.out).value).toEqual({ rua: ['mailto:a%21b@x.example', 'https://x.example/'] })
    expect((await run('sts-record', '')).status).toBe(EXIT.findings)
  })

  it('matches a pattern and a host a line', async () => {
    const good = await run('mx-match', '*.a.example\tmx.a.example\n')
    expect(good.status).toBe(EXIT.ok)
    expect(JSON.parse(good.out)).toEqual({
      match: true,
      pattern: '*.a.example',
      host: 'mx.a.example',
      legalPattern: true,
    })
    expect((await run('mx-match', '*.a.example a.example')).status).toBe(EXIT.findings)
  })

  it.each(['', 'only-one-word\n', 'a b c'])('says how to write a pair when given %j', async (input) => {
    const { status, err } = await run('mx-match', input)
    expect(status).toBe(EXIT.badData)
    expect(err).toContain('"pattern host"')
  })
})

describe('a file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stswatch-parse-'))
    await writeFile(join(folder, 'mta-sts.txt'), POLICY)
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('named "-" is standard input', async () => {
    expect((await run('policy', POLICY, { file: '-' })).status).toBe(EXIT.ok)
    const { out } = await run('policy', JSON.stringify({ id: 1, input: POLICY }), { file: '-', lines: true })
    expect(JSON.parse(out)).toMatchObject({ id: 1, valid: true })
  })

  it('is read instead of standard input', async () => {
    expect((await run('policy', 'nonsense', { file: join(folder, 'mta-sts.txt') })).status).toBe(EXIT.ok)
  })

  it.each(['missing.txt', '.'])('that cannot be read (%s) gives status 66 and its name', async (name) => {
    for (const lines of [false, true]) {
      const { status, out, err } = await run('policy', '', { file: join(folder, name), lines })
      expect({ status, out }).toEqual({ status: EXIT.noInput, out: '' })
      expect(err).toContain(join(folder, name))
    }
  })
})

describe('--lines', () => {
  it('answers every policy case', async () => {
    const lines = policyCases.map((one) => ({ id: one.id, input: policyText(one) }))
    const verdicts = await answers('policy', lines)
    expect(verdicts.map(({ id, valid }) => ({ id, valid }))).toEqual(
      policyCases.map(({ id, valid }) => ({ id, valid })),
    )
  })

  it.each([
    ['sts-record', stsRecordCases],
    ['tlsrpt-record', tlsrptRecordCases],
  ] as const)('answers every %s case', async (kind, cases) => {
    const verdicts = await answers(
      kind,
      cases.map(({ id, records }) => ({ id, input: records })),
    )
    expect(verdicts.map(({ id, valid }) => ({ id, valid }))).toEqual(
      cases.map(({ id, valid }) => ({ id, valid })),
    )
    expect(Object.keys(verdicts[0] ?? {})).toEqual(['id', 'valid', 'value', 'problems'])
  })

  it('answers every MX match case', async () => {
    const lines = matchCases.map(({ pattern, host }, id) => ({ id, input: { pattern, host } }))
    expect(await answers('mx-match', lines)).toEqual(matchCases.map(({ match }, id) => ({ id, match })))
  })

  it('answers a malformed line with its number and goes on', async () => {
    const input = [
      '{',
      '',
      '[]',
      '{"id":7}',
      '{"id":"b","input":["v=STSv1;id=a",1]}',
      '{"input":["v=STSv1;id=a"]}',
    ]
    const { status, out } = await run('sts-record', input.join('\n'), { lines: true })
    expect(status).toBe(EXIT.ok)
    const seen = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(seen.slice(0, 5)).toMatchObject([
      { id: null, error: expect.stringMatching(/^line 1: /) },
      { id: null, error: expect.stringMatching(/^line 2: /) },
      { id: null, error: expect.stringMatching(/^line 3: /) },
      { id: 7, error: expect.stringMatching(/^line 4: .*array of TXT strings/) },
      { id: 'b', error: expect.stringMatching(/^line 5: /) },
    ])
    expect(seen[5]).toEqual({ id: null, valid: true, value: { id: 'a' }, problems: [] })
  })

  it('ignores the byte order mark that Windows shells put before a stream, not the one of a policy', async () => {
    const line = JSON.stringify({ id: 1, input: POLICY })
    const { out } = await run('policy', `\ufeff${line}\n${line.replace('"version', '"\ufeffversion')}\n`, {
      lines: true,
    })
    const valid = out.split('\n', 2).map((answer) => JSON.parse(answer).valid)
    expect(valid).toEqual([true, false])
  })

  it('gives ids back as they came, but for nested ones, however deep', async () => {
    const ids = ['a', '', 7, -1.5, null, true]
    const answered = await answers(
      'policy',
      ids.map((id) => ({ id, input: POLICY })),
    )
    expect(answered.map(({ id }) => id)).toEqual(ids)
    const deep = `{"id":${'['.repeat(50_000)}${']'.repeat(50_000)},"input":""}\n{"id":2,"input":""}\n`
    const { status, out } = await run('policy', deep, { lines: true })
    expect(status).toBe(EXIT.ok)
    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({
      id: null,
      error: expect.stringContaining('"id"'),
    })
    expect(JSON.parse(out.split('\n')[1] ?? '')).toMatchObject({ id: 2, valid: false })
  })

  it('does not mind where the stream is cut, not even inside a character', async () => {
    const input = Buffer.from(`${JSON.stringify({ id: 'ü', input: POLICY })}\r\n`.repeat(3))
    const whole = await run('policy', input, { lines: true })
    const bytes = Array.from(input, (byte) => Uint8Array.of(byte))
    expect(await run('policy', chunks(...bytes), { lines: true })).toEqual(whole)
    expect(whole.out.split('\n')).toHaveLength(4)
    expect(whole.out).toContain('"id":"ü"')
  })

  it('answers a line as soon as it is complete', async () => {
    const line = '{"id":1,"input":{"pattern":"a.example","host":"a.example"}}\n'
    const seen: string[] = []
    async function* talk() {
      yield line
      seen.push(`asked again after ${out.length} answers`)
      yield line
    }
    const out: string[] = []
    const io: Io = {
      stdin: talk(),
      out: (text) => void out.push(text),
      err: () => {},
      drained: async () => {},
      env: {},
      terminal: false,
      columns: 80,
    }
    await parseCommand('mx-match', { file: null, lines: true }, io)
    expect(seen).toEqual(['asked again after 1 answers'])
    expect(out).toHaveLength(2)
  })

  it('does not read on before its answers were taken', async () => {
    const events: string[] = []
    async function* talk() {
      for (const turn of ['first', 'second']) {
        events.push(`asked for the ${turn} line`)
        yield '{"id":1,"input":""}\n'
      }
    }
    const io: Io = {
      stdin: talk(),
      out: () => void events.push('answered'),
      drained: async () => {
        await Promise.resolve()
        events.push('taken')
      },
      err: () => {},
      env: {},
      terminal: false,
      columns: 80,
    }
    await parseCommand('policy', { file: null, lines: true }, io)
    const turn = ['answered', 'taken']
    expect(events).toEqual(['asked for the first line', ...turn, 'asked for the second line', ...turn])
  })
})
