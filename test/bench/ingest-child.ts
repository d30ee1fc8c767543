/** One run over the mailbox in a process of its own: `node ingest-child.ts reader|bare PORT KEY DATABASE`; tells its cost by IPC. */

import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { ImapFlow } from 'imapflow'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { ingestMail } from '../../src/app/jobs/ingest-mail.ts'
import { readMailbox } from '../../src/app/jobs/read-mailbox.ts'
import { watchedNames } from '../../src/app/watched-names.ts'
import { randomId } from '../../src/lib/id.ts'
import { Secret } from '../../src/lib/secret.ts'
import { systemClock } from '../../src/lib/time.ts'
import { imapMailbox } from '../../src/mailbox/imap.ts'
import { IMAP_DEADLINES } from '../../src/mailbox/imap-deadlines.ts'
import { openIntake, THREAD_LIMITS } from '../../src/mailbox/open-intake.ts'
import type { Resolver } from '../../src/model/dns.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { DOVECOT_USER } from '../interop/servers/dovecot.ts'
import { MAILS, PASSWORD, REPORT_DOMAINS } from './ingest-setting.ts'
import { costOf } from './measure.ts'

/** As many rows as the product writes in one transaction. */
const BATCH = 50
const HOST = '127.0.0.1'

const [who = '', portText = '', key = '', file = ''] = process.argv.slice(2)
const port = Number(portText)
const record = `v=DKIM1; k=rsa; p=${key}`

/** The key is the only thing that anybody asks for; both sides get it from memory. */
const RESOLVER: Resolver = {
  txt: async () => ({
    outcome: 'seen',
    at: systemClock.now(),
    tookMs: 0,
    value: {
      records: [record],
      ttlSeconds: 3_600,
      security: 'insecure',
      cnames: [],
      signatures: null,
    },
  }),
  mx: unasked,
  addresses: unasked,
  tlsa: unasked,
  ns: unasked,
  zoneOf: unasked,
}

async function unasked(): Promise<never> {
  throw new Error('the reader asked the DNS for more than a key')
}

async function readAll(): Promise<void> {
  await using store = await openStore(file, { owner: true, allowNetworkFilesystem: true, warn: () => {} })
  const server = {
    host: HOST,
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
async function bareLoop(): Promise<void> {
  const database = new DatabaseSync(file)
  database.exec(
    'PRAGMA journal_mode = wal; PRAGMA synchronous = FULL; CREATE TABLE report (uid INTEGER PRIMARY KEY, domain TEXT, body TEXT) STRICT',
  )
  const insert = database.prepare('INSERT INTO report VALUES (?, ?, ?)')
  const client = new ImapFlow({
    host: HOST,
    port,
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
      resolver: async () => [[record]],
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

let peak = 0
const timer = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 50)
const cost = await costOf(() => (who === 'bare' ? bareLoop() : readAll()))
clearInterval(timer)
process.send?.({ ...cost, peak })
