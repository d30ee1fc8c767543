import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { ImapFlow } from 'imapflow'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { ingestMail } from '../../src/app/jobs/ingest-mail.ts'
import { readMailbox } from '../../src/app/jobs/read-mailbox.ts'
import { watchedNames } from '../../src/app/watched-names.ts'
import { randomId } from '../../src/lib/id.ts'
import { Secret } from '../../src/lib/secret.ts'
import { DAY_MS, systemClock } from '../../src/lib/time.ts'
import { imapMailbox } from '../../src/mailbox/imap.ts'
import { IMAP_DEADLINES } from '../../src/mailbox/imap-deadlines.ts'
import { openIntake, THREAD_LIMITS } from '../../src/mailbox/open-intake.ts'
import type { Resolver } from '../../src/model/dns.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { DOVECOT_USER, Dovecot } from '../interop/servers/dovecot.ts'
import { REPORT_DOMAINS, reportMails, SENDER_KEY } from './ingest-mails.ts'
import { costOf, median, table } from './measure.ts'

const MAILS = 10_000
const ROUNDS = 3
const PASSWORD = 'bench'
/** As many rows as the product writes in one transaction. */
const BATCH = 50

/** From a mailbox of a real Dovecot to committed rows: the whole reader beside a bare loop over the same mails. */
export async function benchIngest(directory: string): Promise<string> {
  await using dovecot = await Dovecot.start({ identity: null, password: PASSWORD, settings: [] })
  const sizes = deliver(dovecot)
  const walls = { ours: [] as number[], bare: [] as number[] }
  const cpus = { ours: [] as number[], bare: [] as number[] }
  let peak = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const memory = watchMemory()
    const ours = await costOf(() => readAll(dovecot, join(directory, `ingest-${round}.db`)))
    peak = Math.max(peak, memory.peak())
    const bare = await costOf(() => bareLoop(dovecot, join(directory, `bare-${round}.db`)))
    walls.ours.push(ours.wallMs)
    walls.bare.push(bare.wallMs)
    cpus.ours.push(ours.cpuMs)
    cpus.bare.push(bare.cpuMs)
  }
  const row = (name: string, who: 'ours' | 'bare') => [
    name,
    `${(median(walls[who]) / 1_000).toFixed(2)} s`,
    `${Math.round(MAILS / (median(walls[who]) / 1_000))}/s`,
    `${(median(cpus[who]) / MAILS).toFixed(2)} ms`,
    `${(median(walls[who]) / median(walls.bare)).toFixed(2)} ×`,
  ]
  return [
    table(
      [`${MAILS} mails from Dovecot`, 'median wall', 'mails', 'CPU each', 'of bare'],
      [row('bare loop', 'bare'), row('reader, to committed rows', 'ours')],
    ),
    `mails of ${sizes} bytes on average, signed with RSA-2048; highest RSS while the reader ran: ${Math.round(peak / 1e6)} MB`,
  ].join('\n')
}

function deliver(dovecot: Dovecot): number {
  const yesterday = systemClock.now() - (systemClock.now() % DAY_MS) - DAY_MS
  let bytes = 0
  for (const { text, arrivedAt } of reportMails(MAILS, yesterday)) {
    bytes += text.length
    dovecot.deliver([text], 'INBOX', arrivedAt)
  }
  return Math.round(bytes / MAILS)
}

function watchMemory(): { peak(): number } {
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 50)
  return {
    peak() {
      clearInterval(timer)
      return most
    },
  }
}

/** The key is the only thing that anybody asks for; both sides get it from memory. */
const RESOLVER: Resolver = {
  txt: async () => ({
    outcome: 'seen',
    at: systemClock.now(),
    tookMs: 0,
    value: {
      records: [`v=DKIM1; k=rsa; p=${SENDER_KEY.p}`],
      ttlSeconds: 3_600,
      security: 'insecure',
      cnames: [],
    },
  }),
  mx: unasked,
  addresses: unasked,
  tlsa: unasked,
}

async function unasked(): Promise<never> {
  throw new Error('the reader asked the DNS for more than a key')
}

async function readAll(dovecot: Dovecot, file: string): Promise<void> {
  await using store = await openStore(file, { owner: true, allowNetworkFilesystem: true, warn: () => {} })
  const { host, port } = dovecot.plain
  const server = {
    host,
    port,
    security: 'loopback',
    user: DOVECOT_USER,
    password: new Secret(PASSWORD),
  } as const
  const mailbox = imapMailbox(server, {
    clock: systemClock,
    folder: 'INBOX',
    afterReading: { kind: 'leave' },
    idle: false,
    accessToken: null,
    ca: null,
    deadlines: IMAP_DEADLINES,
    notice: () => {},
  })
  await using intake = openIntake({
    resolver: RESOLVER,
    clock: systemClock,
    trustAuthservId: null,
    limits: THREAD_LIMITS,
  })
  const { signal } = new AbortController()
  await using session = await mailbox.open(signal)
  const watched = await watchedNames(REPORT_DOMAINS, store.snapshots)
  const tools = { intake, watched, clock: systemClock, newId: randomId, keepRaw: true }
  const { classes } = await readMailbox(mailbox, session, {
    store: store.reports,
    now: () => systemClock.now(),
    ingest: (mail, place) => ingestMail(mail, place, tools, signal),
    onCommitted: async () => {},
  })
  if (classes.get('accepted') !== MAILS) throw new Error(`read ${JSON.stringify([...classes])}`)
}

/** What nobody can leave out: fetch, verify, inflate, parse, insert. */
async function bareLoop(dovecot: Dovecot, file: string): Promise<void> {
  const database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = wal; PRAGMA synchronous = FULL; CREATE TABLE report (uid INTEGER PRIMARY KEY, domain TEXT, body TEXT) STRICT',
  )
  const insert = database.prepare('INSERT INTO report VALUES (?, ?, ?)')
  const client = new ImapFlow({
    ...dovecot.plain,
    secure: false,
    doSTARTTLS: false,
    auth: { user: DOVECOT_USER, pass: PASSWORD },
    logger: false,
  })
  await client.connect()
  await client.mailboxOpen('INBOX', { readOnly: true })
  let batched = 0
  database.exec('BEGIN')
  for await (const { uid, source } of client.fetch('1:*', { uid: true, source: true })) {
    if (source === undefined) throw new Error('a mail without content')
    const { results } = await dkimVerify(source, {
      resolver: async () => [[`v=DKIM1; k=rsa; p=${SENDER_KEY.p}`]],
    })
    if (results[0]?.status.result !== 'pass') throw new Error('a signature that does not verify')
    const text = source.toString('latin1')
    const at = text.indexOf('\r\n\r\n', text.indexOf('application/tlsrpt+gzip'))
    const body = gunzipSync(Buffer.from(text.slice(at, text.indexOf('\r\n--', at)), 'base64')).toString(
      'utf8',
    )
    const report = JSON.parse(body)
    insert.run(uid, report.policies[0].policy['policy-domain'], body)
    batched += 1
    if (batched % BATCH === 0) database.exec('COMMIT; BEGIN')
  }
  database.exec('COMMIT')
  await client.logout()
  database.close()
  if (batched !== MAILS) throw new Error(`the bare loop read ${batched} mails`)
}
