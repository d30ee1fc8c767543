import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IngestTools } from '../../../src/app/ingest.ts'
import { importReports } from '../../../src/cli/reports-import.ts'
import { reparseReports } from '../../../src/cli/reports-reparse.ts'
import { randomId } from '../../../src/lib/id.ts'
import { systemClock } from '../../../src/lib/time.ts'
import type { IntakeReading, IntakeResult } from '../../../src/mailbox/intake.ts'
import { readReports } from '../../../src/mailbox/read-reports.ts'
import type { Authenticity } from '../../../src/model/received-report.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { readTlsReports, sumSessions } from '../../../src/protocol/tlsrpt/report.ts'
import { NO_HINTS } from '../../../src/protocol/tlsrpt/report-mail.ts'
import { HUMAN, MACHINE, mail } from '../mailbox/mail-builder.ts'
import { bentReport, plainReport } from '../protocol/tlsrpt/report-builder.ts'
import { capturedIo } from './captured-io.ts'
import { PRINTABLE, ReportInstallation } from './report-installation.ts'

let installation: ReportInstallation
beforeEach(async () => {
  installation = await ReportInstallation.open(['a.example'])
})
afterEach(() => installation[Symbol.asyncDispose]())

const put = (name: string, content: string | Uint8Array) => installation.put(`in/${name}`, content)
const importAll = () => installation.run(['reports', 'import', installation.path('in')])
const reparse = () => installation.run(['reports', 'reparse'])

describe('reports reparse', () => {
  it('finds nothing changed with the same reader and watch list', async () => {
    await put('a.json', JSON.stringify(plainReport()))
    await put('b.json', 'no JSON')
    // The same report in another wrapping is no report of its own, before or after.
    await put('c.json.gz', gzipSync(JSON.stringify(plainReport())))
    await importAll()
    expect(await reparse()).toEqual({ status: 0, out: '3 originals read again: 0 changed\n', err: '' })
  })

  it('finds what a longer watch list brings, and what a shorter one takes', async () => {
    await put('a.json', JSON.stringify(plainReport()))
    await put(
      'other.json',
      JSON.stringify(bentReport(['policies', 0, 'policy', 'policy-domain'], 'b.example')),
    )
    await importAll()
    await installation.watch(['b.example'])
    const { out } = await reparse()
    expect(out).toContain(': 1 report before; now rejected: none of its policies')
    expect(out).toContain(': no report before; now 1 report\n')
    expect(out).toMatch(/2 originals read again: 2 changed\n$/)
    const [report, ...more] = await installation.json(['reports', 'list', '--days', '40000'])
    expect([more, report?.attributions]).toMatchObject([[], [{ domain: 'b.example' }]])
  })

  it('as JSON tells each change, and the totals last', async () => {
    await put(
      'other.json',
      JSON.stringify(bentReport(['policies', 0, 'policy', 'policy-domain'], 'b.example')),
    )
    await importAll()
    await installation.watch(['b.example'])
    expect(await installation.json(['reports', 'reparse'])).toEqual([
      {
        key: { kind: 'file', sha256: expect.any(String) },
        class: 'quarantined',
        changes: ['no report before; now 1 report'],
        reports: [expect.stringMatching(/^rep_/)],
      },
      { read: 1, changed: 1, waiting: 0 },
    ])
  })
})

describe('with a reader that has learned', () => {
  const verified: Authenticity = { trust: 'verified', signer: 'sender.example' as DomainName, selector: 's' }
  const keyGone: Authenticity = {
    trust: 'unverified',
    claimed: 'sender.example' as DomainName,
    because: 'key-missing',
    detail: 'gone',
  }

  const reading =
    (authenticity: Authenticity, edit: (text: string) => string = (text) => text) =>
    async (bytes: Uint8Array): Promise<IntakeReading> => {
      const { reports } = await readReports(Buffer.from(edit(Buffer.from(bytes).toString('utf8'))))
      const read = reports.map((report) => ({ report, hints: NO_HINTS }))
      return { mail: null, result: { kind: 'reports', authenticity, reports: read, deviations: [] } }
    }

  const tools = (read: (bytes: Uint8Array) => Promise<IntakeReading>): IngestTools => ({
    intake: { read, [Symbol.asyncDispose]: async () => {} },
    watched: { domains: new Set(['a.example' as DomainName]), domainsWithMx: () => [] },
    clock: systemClock,
    newId: randomId,
    keepRaw: true,
  })

  async function readTwice(first: Parameters<typeof tools>[0], second: Parameters<typeof tools>[0]) {
    await put('a.json', JSON.stringify(plainReport()))
    await using store = await installation.store()
    const paths = [installation.path('in')]
    await importReports({ paths, admit: false, json: false }, store.reports, tools(first), capturedIo().io)
    const [before] = await store.reports.list(EVERY, 9)
    const { io, said } = capturedIo()
    await reparseReports(false, store.reports, tools(second), io)
    const [after] = await store.reports.list(EVERY, 9)
    return { out: said.out, before, after }
  }

  const EVERY = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false } as const

  it('says which numbers changed; the report keeps its id', async () => {
    const better = reading(verified, (text) =>
      text.replace('"total-failure-session-count":2', '"total-failure-session-count":3'),
    )
    const { out, before, after } = await readTwice(reading(verified), better)
    expect(out).toBe('a.json: sessions that failed: 2 before, 3 now\n1 original read again: 1 changed\n')
    expect([after?.id, after?.standing]).toEqual([before?.id, 'counted'])
  })

  it('who answered for a report when it came still does: keys are withdrawn', async () => {
    const { out, after } = await readTwice(reading(verified), reading(keyGone))
    expect(out).toBe('1 original read again: 0 changed\n')
    expect([after?.standing, after?.authenticity]).toEqual(['counted', verified])
  })

  it('what nobody answered for may find somebody', async () => {
    const { after } = await readTwice(reading(keyGone), reading(verified))
    expect([after?.standing, after?.authenticity]).toEqual(['counted', verified])
  })

  it('what cannot be judged just now stays as it was', async () => {
    const silent: IntakeResult = { kind: 'postponed', detail: 'the DNS is silent' }
    const { out, after } = await readTwice(reading(keyGone), async () => ({ mail: null, result: silent }))
    expect(out).toBe(
      '1 original read again: 0 changed, 1 could not be judged just now and stay as they were\n',
    )
    expect(after?.standing).toBe('quarantined')
  })
})

describe('reports redact, with the original kept', () => {
  it('keeps what stands between the strings in a file, and shows a terminal nothing that it obeys', async () => {
    const text = `\ufeff${JSON.stringify(bentReport(['organization-name'], 'Org\u202e'), null, 1).replaceAll('\n', '\r\n')}`
    await put('a.json', text)
    await importAll()
    const args = ['reports', 'redact', await idOf()]
    const { out } = await installation.run(args)
    const { outcome, deviations } = readTlsReports(Buffer.from(out))
    expect([outcome, deviations.map(({ code }) => code), out.includes('\r\n')]).toEqual([
      'accept_warn',
      ['byte-order-mark'],
      true,
    ])
    const shown = (await installation.run(args, { terminal: true })).out
    expect(shown).toMatch(PRINTABLE)
    expect(readTlsReports(shown).outcome).toBe('accept')
  })

  const idOf = async () => String((await installation.json(['reports', 'list', '--days', '40000']))[0]?.id)

  it.each<[string, (json: Buffer) => Uint8Array]>([
    ['json', (json) => json],
    ['gz', (json) => gzipSync(json)],
    ['eml', (json) => mail({ parts: [HUMAN, { ...MACHINE, body: gzipSync(json) }] })],
  ])('gives what is odd about it as the sender wrote it, from %s', async (ending, wrap) => {
    const odd = bentReport(['policies', 0, 'policy', 'mx-host'], 'MX1.A.EXAMPLE')
    await put(`a.${ending}`, wrap(Buffer.from(JSON.stringify(odd))))
    await importAll()
    const { status, out, err } = await installation.run(['reports', 'redact', await idOf()])
    expect([status, err]).toEqual([0, ''])
    expect(JSON.parse(out).policies[0].policy['mx-host']).toBe('MX1.DOMAIN2.EXAMPLE')
    expect(out).not.toMatch(/a\.example|sender/i)
    const original = readTlsReports(JSON.stringify(odd))
    const redacted = readTlsReports(out)
    expect([
      redacted.outcome,
      redacted.deviations.map(({ code }) => code),
      sumSessions(redacted.reports),
    ]).toEqual([original.outcome, original.deviations.map(({ code }) => code), sumSessions(original.reports)])
  })
})
