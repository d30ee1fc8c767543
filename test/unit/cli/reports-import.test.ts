import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IngestTools } from '../../../src/app/ingest.ts'
import { importReports } from '../../../src/cli/reports-import.ts'
import { randomId } from '../../../src/lib/id.ts'
import { manualClock } from '../../../src/lib/manual-clock.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import type { IntakeResult } from '../../../src/mailbox/intake.ts'
import { IntakeFailure } from '../../../src/mailbox/intake-failure.ts'
import { readReports } from '../../../src/mailbox/read-reports.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { sumSessions } from '../../../src/protocol/tlsrpt/report.ts'
import { NO_HINTS } from '../../../src/protocol/tlsrpt/report-mail.ts'
import { HUMAN, MACHINE, mail, zip } from '../mailbox/mail-builder.ts'
import { bentReport } from '../protocol/tlsrpt/report-builder.ts'
import { capturedIo } from './captured-io.ts'
import { PRINTABLE, ReportInstallation } from './report-installation.ts'

const ENVELOPE = 'From tls@sender.example Sun Jan 11 03:00:00 2026\n'
const json = (id: string) => Buffer.from(JSON.stringify(bentReport(['report-id'], id)))
const reportMail = (id: string) => mail({ parts: [HUMAN, { ...MACHINE, body: gzipSync(json(id)) }] })

let installation: ReportInstallation
beforeEach(async () => {
  installation = await ReportInstallation.open()
})
afterEach(() => installation[Symbol.asyncDispose]())

const put = (name: string, content: string | Uint8Array) => installation.put(`in/${name}`, content)
const imported = (...args: string[]) =>
  installation.run(['reports', 'import', installation.path('in'), ...args])

/** A file, mail or archive of every kind, with nine reports. */
async function putEveryKind() {
  await put('plain.json', json('r1'))
  await put('packed.json.gz', gzipSync(json('r2')))
  await put('zipped.zip', zip([{ name: 'report.json', bytes: json('r3') }]))
  await put('mail.eml', reportMail('r4'))
  await put(
    'deep/er/archive',
    Buffer.concat([
      Buffer.from(ENVELOPE),
      reportMail('r5'),
      Buffer.from(`\r\n${ENVELOPE}`),
      reportMail('r6'),
    ]),
  )
  await put('Maildir/new/1.host', reportMail('r7'))
  await put('Maildir/cur/2.host:2,S', reportMail('r8'))
  await put('Maildir/tmp/3.host', 'half a ma')
  await put('Maildir/.Old/cur/4.host:2,S', reportMail('r9'))
  await put('Maildir/.Old/new/.keep', '')
}

describe('reports import', () => {
  it('reads files of every kind, and says what became of them', async () => {
    await putEveryKind()
    const { status, out, err } = await imported()
    expect([status, err]).toEqual([0, ''])
    expect(out).toBe(
      '9 files: 9 quarantined (6 unsigned, 3 no mail around it)\nQuarantined reports count for nothing: stswatch reports quarantine\n',
    )
    expect(await installation.json(['reports', 'list', '--days', '4000'])).toHaveLength(9)
  })

  it('a second time finds nothing but duplicates', async () => {
    await putEveryKind()
    await imported()
    expect(await imported()).toEqual({ status: 0, out: '9 files: 9 duplicates\n', err: '' })
  })

  it('goes on where it was cut off', async () => {
    await putEveryKind()
    await installation.run([
      'reports',
      'import',
      installation.path('in/Maildir'),
      installation.path('in/plain.json'),
    ])
    expect((await imported()).out).toMatch(/^9 files: 4 duplicates, 5 quarantined/)
    expect(await installation.json(['reports', 'list', '--days', '4000'])).toHaveLength(9)
  })

  it('counts the same report in two wrappings once', async () => {
    await put('a.json', json('r1'))
    await put('b.json.gz', gzipSync(json('r1')))
    expect((await imported()).out).toMatch(/^2 files: 1 duplicate, 1 quarantined/)
  })

  it('reads equal files of one batch once', async () => {
    await put('a.json', json('r1'))
    await put('b.json', json('r1'))
    expect((await imported('--admit')).out).toBe(
      '2 files: 1 duplicate, 1 quarantined (no mail around it); 1 report admitted\n',
    )
  })

  it('with --admit the operator vouches, also for what an earlier run left in quarantine', async () => {
    await putEveryKind()
    await imported()
    expect((await imported('--admit')).out).toBe('9 files: 9 duplicates; 9 reports admitted\n')
    expect((await imported('--admit')).out).toBe('9 files: 9 duplicates\n')
    const standings = (await installation.json(['reports', 'list', '--days', '4000'])).map(
      ({ standing }) => standing,
    )
    expect(new Set(standings)).toEqual(new Set(['admitted']))
  })

  it('gives a line and a reason for each file that is not taken, ends with 1, and takes the others', async () => {
    await put('broken.json.gz', gzipSync(json('r1')).fill(0x55, 12))
    await put('dmarc.xml', '<?xml version="1.0"?><feedback/>')
    await put('empty.json', '')
    await put('good.json', json('r2'))
    await put(
      'other.json',
      JSON.stringify(bentReport(['policies', 0, 'policy', 'policy-domain'], 'b.example')),
    )
    await symlink('.', installation.path('in/up'))
    const { status, out, err } = await imported()
    expect(status).toBe(1)
    expect(out).toMatch(/^6 files: 1 quarantined \(no mail around it\), 3 rejected, 2 could not be read\n/)
    const told = err.replaceAll(`${installation.path('in')}/`, '')
    expect(told).toBe(
      `empty.json: is empty
up: is the folder ${installation.path('in')} again; it is read once
broken.json.gz: rejected: the compressed data is damaged [compression-damaged]
dmarc.xml: rejected: XML, probably a DMARC report; TLS reports are JSON (RFC 8460 §4) [xml-not-json]
other.json: rejected: none of its policies is about a watched domain; to watch it: stswatch watch add, then stswatch reports reparse [unknown-domain]
`
        .split('\n')
        .sort((a, b) => told.split('\n').indexOf(a) - told.split('\n').indexOf(b))
        .join('\n'),
    )
  })

  it('ends with 66 when a path does not exist, and reads the others', async () => {
    const good = await put('good.json', json('r1'))
    const { status, out, err } = await installation.run([
      'reports',
      'import',
      installation.path('none'),
      good,
    ])
    expect([status, err]).toEqual([66, `${installation.path('none')}: does not exist\n`])
    expect(out).toMatch(/^2 files: 1 quarantined \(no mail around it\), 1 could not be read\n/)
  })

  it('takes standard input, and a mail without a report for what it is', async () => {
    const input = 'From: a@b.example\r\nSubject: hello\r\n\r\nDear all,\r\n'
    expect(await installation.run(['reports', 'import', '-'], { input })).toEqual({
      status: 0,
      out: '1 file: 1 without a report\n',
      err: '',
    })
  })

  it('as JSON tells each file, and the totals last', async () => {
    const path = await put('a.json', json('r1'))
    const lines = await installation.json(['reports', 'import', path, installation.path('none')])
    expect(lines).toEqual([
      {
        file: path,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        class: 'quarantined',
        reason: 'no-mail',
        message: null,
        counted: [],
        reports: [expect.stringMatching(/^rep_/)],
      },
      { file: installation.path('none'), class: 'unread', reason: 'missing', message: 'does not exist' },
      { files: 2, newReports: 0, admitted: 0, classes: { quarantined: 1, unread: 1 } },
    ])
  })

  it('draws a bar on a terminal, and takes it away', async () => {
    await putEveryKind()
    const { err } = await installation.run(['reports', 'import', installation.path('in')], { terminal: true })
    expect(err).toBe(`\r\u001b[2K${'━'.repeat(30)} 9 of 9\r\u001b[2K`)
  })

  it('works beside a monitor that owns the database', async () => {
    await put('a.json', json('r1'))
    await using store = await installation.store({ owner: true })
    expect((await imported('--admit')).out).toMatch(/1 report admitted\n$/)
    expect(await store.reports.policiesOf('a.example' as DomainName, 0)).toHaveLength(1)
  })

  it('prints nothing that a terminal obeys, whatever files and senders are called', async () => {
    const evil = '\u001b[2J\u0007\u202e\u200b\r'
    await put(`x${evil}.json`, 'no JSON')
    await put('y.json', JSON.stringify(bentReport(['organization-name'], `Org${evil}`)))
    await put(
      'z.json',
      JSON.stringify(bentReport(['policies', 0, 'failure-details', 0, 'result-type'], `type${evil}`)),
    )
    const tales = [await imported('--admit'), await imported('--json')]
    for (const command of [['senders', '--days', '4000'], ['list', '--days', '4000'], ['quarantine']]) {
      tales.push(
        await installation.run(['reports', ...command]),
        await installation.run(['reports', ...command, '--json']),
      )
    }
    for (const { id } of await installation.json(['reports', 'list', '--days', '4000'])) {
      for (const command of ['show', 'redact'])
        tales.push(await installation.run(['reports', command, String(id)]))
    }
    expect(tales.map(({ out }) => out).join('')).toContain('type\\u{1b}[2J')
    for (const { out, err } of tales) expect(`${out}${err}`).toMatch(PRINTABLE)
  })
})

describe('with an intake that has its troubles', () => {
  const clock = manualClock(Date.UTC(2026, 0, 12))

  async function importWith(answer: (bytes: Uint8Array) => Promise<IntakeResult>) {
    await using store = await installation.store()
    const { io, said } = capturedIo()
    const tools: IngestTools = {
      intake: {
        read: async (bytes) => ({ mail: null, result: await answer(bytes) }),
        [Symbol.asyncDispose]: async () => {},
      },
      watched: { domains: new Set(['a.example' as DomainName]), domainsWithMx: () => [] },
      clock,
      newId: randomId,
      keepRaw: true,
    }
    const request = { paths: [installation.path('in')], admit: false, json: false }
    return { status: await importReports(request, store.reports, tools, io), ...said }
  }

  const verified = async (bytes: Uint8Array): Promise<IntakeResult> => {
    const { reports, deviations } = await readReports(bytes)
    return {
      kind: 'reports',
      authenticity: { trust: 'verified', signer: 'sender.example' as DomainName, selector: 's' },
      reports: reports.map((report) => ({ report, hints: NO_HINTS })),
      deviations,
    }
  }

  it('a signature that cannot be judged now is judged at the next import', async () => {
    await put('a.eml', reportMail('r1'))
    const first = await importWith(async () => ({ kind: 'postponed', detail: 'the DNS is silent' }))
    expect(first).toEqual({
      status: 1,
      out: '1 file: 1 to be imported again later\n',
      err: `${installation.path('in/a.eml')}: its signature cannot be judged just now, import it again later: the DNS is silent\n`,
    })
    expect(await importWith(verified)).toEqual({ status: 0, out: '1 file: 1 new report\n', err: '' })
    expect(await importWith(verified)).toEqual({ status: 0, out: '1 file: 1 duplicate\n', err: '' })
  })

  it('what the reading thread could not stand is that file’s problem alone', async () => {
    await put('a.json', json('r1'))
    await put('b.json', json('r2'))
    const told = await importWith(async (bytes) => {
      if (Buffer.from(bytes).includes('r1')) throw new IntakeFailure('timeout', 'it took too long')
      return verified(bytes)
    })
    expect(told).toEqual({
      status: 1,
      out: '2 files: 1 new report, 1 could not be read\n',
      err: `${installation.path('in/a.json')}: could not be read to its end: it took too long\n`,
    })
  })

  it('ends when the intake is closed or the store fails, and repeats what was not written', async () => {
    await put('a.json', json('r1'))
    await expect(
      importWith(async () => Promise.reject(new IntakeFailure('closed', 'closed'))),
    ).rejects.toThrow('closed')
    expect((await importWith(verified)).out).toBe('1 file: 1 new report\n')
  })

  it('other numbers under the same name are in conflict with the first', async () => {
    await put('a.json', json('r1'))
    await importWith(verified)
    await put(
      'b.json',
      JSON.stringify({
        ...bentReport(['policies', 0, 'summary', 'total-successful-session-count'], 11),
        'report-id': 'r1',
      }),
    )
    expect((await importWith(verified)).out).toBe(
      '2 files: 1 duplicate, 1 in conflict with an earlier report\n',
    )
  })

  it('a year-old archive is no replay: age is measured at its own end', async () => {
    await put('a.json', json('r1'))
    await clock.advance(1_000 * DAY_MS)
    expect((await importWith(verified)).out).toBe('1 file: 1 new report\n')
  })
})

const SAMPLES = join(import.meta.dirname, '../../../../shared/samples/tlsrpt')
if (!existsSync(SAMPLES)) {
  process.stderr.write(
    `\nNOT TESTED: no sample reports at ${SAMPLES}; real senders' reports were not imported.\n\n`,
  )
  it('sample reports are there in CI', () => expect(process.env.CI).not.toBe('true'))
} else {
  it('real reports are all imported, with the sums of the reader', async () => {
    const files = readdirSync(SAMPLES).filter((name) => !name.endsWith('.tsv'))
    const readings = await Promise.all(
      files.map(async (name) => ({ name, ...(await readReports(readFileSync(join(SAMPLES, name)), name)) })),
    )
    const domains = readings.flatMap(({ reports }) =>
      reports.flatMap(({ policies }) => policies.map(({ policyDomain }) => policyDomain)),
    )
    await installation.watch([...new Set(domains.filter(isWatchable))])
    const lines = await installation.json(['reports', 'import', ...files.map((name) => join(SAMPLES, name))])
    const became = new Map(
      lines.slice(0, -1).map((line) => [String(line.file).slice(SAMPLES.length + 1), line]),
    )
    const stored = new Map(
      (await installation.json(['reports', 'list', '--days', '9999'])).map((report) => [report.id, report]),
    )
    for (const { name, outcome, reports } of readings) {
      const line = became.get(name)
      const about = reports
        .flatMap(({ policies }) => policies)
        .filter(({ policyDomain }) => isWatchable(policyDomain))
      if (outcome === 'reject') expect(['rejected', 'not-a-report'], name).toContain(line?.class)
      else if (about.length === 0)
        expect([name, line?.class, line?.reason]).toEqual([name, 'rejected', 'unknown-domain'])
      else expect(['quarantined', 'duplicate', 'postponed', 'conflict'], name).toContain(line?.class)
      if (line?.class !== 'quarantined') continue
      const kept = (line.reports as string[]).map((id) => stored.get(id)?.report as (typeof reports)[number])
      expect([name, sumSessions(kept)]).toEqual([name, sumSessions(reports)])
    }
    expect(became.size).toBe(files.length)
  })
}

/** A name without a dot is none that can be watched. */
function isWatchable(name: DomainName | null): name is DomainName {
  return name?.includes('.') === true
}
