import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { queueReports } from '../../src/app/jobs/queue-reports.ts'
import { drainLane } from '../../src/app/lane.ts'
import { submissionLane } from '../../src/app/lanes/report-lane.ts'
import type { Reporter } from '../../src/app/reporter.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../../src/lib/time.ts'
import { smtpTransport } from '../../src/mail/transport.ts'
import type { ProbeSession } from '../../src/model/probe-session.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { MailAddress } from '../../src/protocol/mail-address.ts'
import { answer, commit, snapshot } from '../contract/store-samples.ts'
import { configOf, desk } from '../unit/app/desk.ts'
import { header, readMail } from '../unit/mail/read-mail.ts'
import { type Script, type ScriptedServer, scriptedServer } from '../unit/mail/scripted-server.ts'

const DOMAIN = 'example.com' as DomainName
const SUBMITTER = 'ops.example' as DomainName
const DEADLINES = { setupMs: 5_000, greetingMs: 5_000, silenceMs: 5_000, totalMs: 20_000 }
/** Until the last report of the day before is due. */
const DUE_HOURS = 5

function session(domain: DomainName): ProbeSession {
  const policy = {
    policyType: 'no-policy-found',
    policyString: [],
    policyDomain: domain,
    mxHostPatterns: [],
  } as const
  return { policy, failures: [] }
}

/** Mail goes to that server; the names of https endpoints are written down, and nobody is there. */
function reporterThrough({ port }: ScriptedServer, posted: string[]): Reporter {
  return {
    author: { organizationName: 'Ops', contact: `tls@${SUBMITTER}` as MailAddress },
    submitter: SUBMITTER,
    key: { domain: SUBMITTER, selector: 'reports' },
    transport: smtpTransport(
      { host: '127.0.0.1', port, security: 'loopback', user: null, password: null },
      { ehloName: `monitor.${SUBMITTER}`, ca: null, deadlines: DEADLINES },
    ),
    door: {
      async open(host) {
        posted.push(host)
        throw new Error('nobody is there')
      },
    },
    mac: (text) => text,
    sign: async (raw) => ({ outcome: 'signed', raw }),
  }
}

/** Whoever reports to these domains, each with its TLSRPT record, over an SMTP server that does as its script says. */
async function reportDesk(records: ReadonlyMap<string, string>, script: Partial<Script> = {}) {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await scriptedServer(script))
  const it = stack.use(await desk({ domains: [DOMAIN] }))
  // It is midnight, the first one.
  await it.clock.advance(DAY_MS - (it.clock.now() % DAY_MS))
  const posted: string[] = []
  const reporter = reporterThrough(server, posted)
  const config = configOf({ domains: [...records.keys()], reports: { submit: true } })
  const settings = { ...it.settings, config, reporter }
  const lane = submissionLane(it.tools, () => settings)
  const handOver = () => it.clock.drive(drainLane(lane, it.never))
  const closing = stack.move()
  return {
    ...it,
    server,
    posted,
    handOver,
    /** A look at every domain, then midnight, and the reports about the day. */
    async day() {
      for (const [domain, record] of records) {
        const name = domain as DomainName
        const at = it.clock.now()
        const look = snapshot(at, { id: `snap_${domain}_${at}` as never, domain: name, hosts: [] })
        const tlsrptRecord = answer([record], at)
        await it.store.commitCheck(commit({ ...look, tlsrptRecord }, { sessions: [session(name)] }))
      }
      await it.clock.advance(DAY_MS - (it.clock.now() % DAY_MS))
      return queueReports(it.clock.now(), settings, it.tools)
    },
    async morning() {
      for (let hour = 0; hour < DUE_HOURS; hour++) {
        await it.clock.advance(HOUR_MS)
        await handOver()
      }
    },
    /** The newest report about each domain. */
    async newest() {
      const rows = await Promise.all(
        [...records.keys()].map((domain) => it.store.submissions.recent(domain as DomainName, 1)),
      )
      return rows.flat()
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

function letter(raw: string) {
  const { headers, parts } = readMail(raw)
  const report = JSON.parse(gunzipSync(Buffer.from(parts[1]?.content ?? '', 'latin1')).toString('utf8'))
  return { messageId: header(headers, 'Message-ID'), reportId: report['report-id'] }
}

function record(...uris: readonly string[]): string {
  return `v=TLSRPTv1; rua=${uris.join(',')}`
}

const recipients = (commands: readonly string[]) =>
  commands.flatMap((line) => /^RCPT TO:<([^>]*)>/.exec(line)?.[1] ?? [])

test('T21: a thousand domains that name one address bring it twenty mails a day, and the rest is kept and not sent', async () => {
  const names = Array.from({ length: 1_000 }, (_, n) => `d${n}.example.net`)
  await using it = await reportDesk(new Map(names.map((name) => [name, record('mailto:victim@example.org')])))
  expect(await it.day()).toBe(1_000)
  await it.morning()
  expect(recipients(it.server.commands)).toEqual(Array(20).fill('victim@example.org'))
  const rows = await it.newest()
  const states = Map.groupBy(rows, ({ state, note }) => (state === 'sent' ? state : `${state}: ${note}`))
  expect([...states].map(([state, { length }]) => `${length} ${state}`)).toEqual([
    '20 sent',
    '980 left-out: 20 reports of this day go there already',
  ])
})

test('T21: one address is one address, in however many ways it is written', async () => {
  const ways = [
    (n: number) => `mailto:victim@example.org?n${n}`,
    (n: number) => `mailto:victim@example.org#n${n}`,
    () => 'mailto:%76i%63tim@example.org',
    () => 'MAILTO:victim@EXAMPLE.org',
    () => 'mailto:Victim@example.org',
    (n: number) => `mailto:victim@example.org%2Cn${n}@example.net`,
  ]
  const names = Array.from(
    { length: 60 },
    (_, n) => [`d${n}.example.net`, ways[n % ways.length]?.(n)] as const,
  )
  await using it = await reportDesk(new Map(names.map(([name, uri]) => [name, record(uri ?? '')])))
  for (const day of [1, 2]) {
    await it.day()
    await it.morning()
    const seen = recipients(it.server.commands)
    expect(seen.filter((address) => address.toLowerCase() === 'victim@example.org')).toHaveLength(20 * day)
    expect(seen).toHaveLength(20 * day)
  }
})

test('T21: of a record with a dozen URIs the first two addresses and the first endpoint are used', async () => {
  const uris = [
    'ftp://example.com/reports',
    'https://first.example/reports',
    'mailto:first@example.com',
    'https://second.example/reports',
    'mailto:first@example.com?again',
    ...Array.from({ length: 8 }, (_, n) => `mailto:n${n}@example.com`),
    'https://third.example/reports',
  ]
  await using it = await reportDesk(new Map([[DOMAIN, record(...uris)]]))
  expect(await it.day()).toBe(3)
  await it.morning()
  expect(recipients(it.server.commands).sort()).toEqual(['first@example.com', 'n0@example.com'])
  expect(new Set(it.posted)).toEqual(new Set(['first.example']))
})

test('R77: an address that refused three reports in a row is left alone for thirty days, and then asked again', async () => {
  await using it = await reportDesk(new Map([[DOMAIN, record('mailto:gone@example.com')]]), {
    rcpt: { '*': '550 5.1.1 no such user' },
  })
  const asked: number[] = []
  for (let day = 1; day <= 70; day++) {
    const before = it.server.commands.length
    await it.day()
    await it.morning()
    if (recipients(it.server.commands.slice(before)).length > 0) asked.push(day)
  }
  // The third refusal comes some hours after midnight: thirty days later, at midnight, is a little too soon.
  expect(asked).toEqual([1, 2, 3, 34, 35, 36, 67, 68, 69])
  expect(it.server.mails).toEqual([])
  expect(await it.newest()).toMatchObject([{ state: 'left-out', attempts: 0 }])
})

test.each<[string, Partial<Script>]>([
  ['puts us off', { end: '451 4.7.1 come back later' }],
  ['takes the mail and hangs up', { end: 'close' }],
])(
  'R78: a far side that %s is asked for 24 hours with growing pauses, each time with the same mail',
  async (_what, script) => {
    await using it = await reportDesk(new Map([[DOMAIN, record('mailto:busy@example.com')]]), script)
    await it.day()
    const times: UnixMs[] = []
    for (
      let at = await it.store.submissions.nextDueAt();
      at !== null;
      at = await it.store.submissions.nextDueAt()
    ) {
      await it.clock.advance(at - it.clock.now())
      times.push(at)
      await it.handOver()
    }
    const minutes = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / MINUTE_MS)
    expect(minutes).toEqual([10, 20, 40, 80, 160, 240, 240, 240, 240, 170])
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(DAY_MS)
    expect(await it.newest()).toMatchObject([{ state: 'given-up', attempts: 11 }])
    expect(it.server.mails).toHaveLength(11)
    expect(new Set(it.server.mails).size).toBe(1)
    const [row] = await it.newest()
    expect(letter(it.server.mails[0] ?? '')).toEqual({
      messageId: expect.stringMatching(/^<[0-9a-f]{32}@ops\.example>$/),
      reportId: row?.reportId,
    })
  },
)

test('R78: trouble is no refusal: an address that cannot be reached for days is asked every day', async () => {
  await using it = await reportDesk(new Map([[DOMAIN, record('mailto:busy@example.com')]]), {
    end: '451 4.7.1 come back later',
  })
  const ids = new Set<string>()
  for (let day = 1; day <= 5; day++) {
    await it.day()
    await it.morning()
    ids.add(letter(it.server.mails.at(-1) ?? '').reportId)
  }
  expect(ids.size).toBe(5)
})
