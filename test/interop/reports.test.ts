import { spawnSync } from 'node:child_process'
import type { KeyObject } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { visitMailbox } from '../../src/app/jobs/visit-mailbox.ts'
import type { Settings } from '../../src/app/settings.ts'
import { buildWorld } from '../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../src/lab/lab.ts'
import { Secret } from '../../src/lib/secret.ts'
import { DAY_MS, HOUR_MS, realWaits, systemClock } from '../../src/lib/time.ts'
import { imapMailbox } from '../../src/mailbox/imap.ts'
import { IMAP_DEADLINES } from '../../src/mailbox/imap-deadlines.ts'
import { openIntake, THREAD_LIMITS } from '../../src/mailbox/open-intake.ts'
import type { Resolver } from '../../src/model/dns.ts'
import { createResolver } from '../../src/probe/resolver.ts'
import { Sender } from '../scenario/senders.ts'
import { configOf, type Desk, desk as deskAt } from '../unit/app/desk.ts'
import { rsaKey } from '../unit/mailbox/dkim-signer.ts'
import { txt } from '../unit/mailbox/lab-keys.ts'
import { QUICK } from '../unit/probe/lab-probe.ts'
import { DOVECOT_USER, Dovecot } from './servers/dovecot.ts'
import { OpenSslAuthority } from './servers/openssl.ts'
import { describeWith } from './servers/packages.ts'
import { Scratch } from './servers/scratch.ts'

const HOST = 'localhost'
const PASSWORD = 'only for this test'
// The real one, for dkimpy writes into a signature when it was made.
const NOW = systemClock.now()
const YESTERDAY = NOW - (NOW % DAY_MS) - DAY_MS
const ALL = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false }
const LETTER = Buffer.from('From: a@b.example\r\nSubject: Hello\r\n\r\nHow are you?\r\n')

const senders = ['google.com', 'microsoft.com'].map((name) => new Sender(name))
const pythonist = new Sender('dkimpy.example')
const pythonKey = rsaKey(2048)

// Debian's own Python has the package; another one may come first in PATH.
const PYTHON = '/usr/bin/python3'
const DKIMPY = `
import sys, dkim
key, domain = (argument.encode() for argument in sys.argv[1:3])
mail = sys.stdin.buffer.read()
names = [b'from', b'to', b'subject', b'date', b'tls-report-domain', b'tls-report-submitter', b'content-type']
sys.stdout.buffer.write(dkim.sign(mail, b'sel', domain, key, canonicalize=(b'relaxed', b'relaxed'),
    include_headers=names, tlsrpt=True) + mail)
`

/** Mails that it is to read must be signed before. */
async function desk(): Promise<Desk> {
  const it = await deskAt()
  it.clock.step(systemClock.now() - it.clock.now())
  return it
}

function signedByDkimpy(mail: Buffer, key: KeyObject, domain: string): Buffer {
  const pem = key.export({ type: 'pkcs1', format: 'pem' }).toString()
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', DKIMPY, pem, domain], { input: mail })
  if (status !== 0) throw new Error(`dkimpy failed: ${stderr.toString().slice(-2_000)}`)
  return stdout
}

function reportMails(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, n) => {
    const dayAt = YESTERDAY - (n >> 1) * DAY_MS
    return senders[n % 2]?.mail({ dayAt, successful: n + 1 }) ?? LETTER
  })
}

describeWith(['dovecot-imapd', 'openssl', 'python3-dkim'], 'report mails on a real Dovecot', () => {
  const stack = new AsyncDisposableStack()
  let dovecot: Dovecot
  let ca: string
  let lab: Lab
  let resolver: Resolver
  let folder = ''
  let folders = 0

  beforeAll(async () => {
    const scratch = stack.use(new Scratch('reports'))
    const authority = new OpenSslAuthority(scratch, 'ec', 'ec')
    ca = authority.rootPem
    const identity = authority.issue(HOST)
    dovecot = stack.use(await Dovecot.start({ identity, password: PASSWORD, settings: [] }))
    const python = txt('sel._domainkey.dkimpy.example', `v=DKIM1; k=rsa; s=tlsrpt; p=${pythonKey.p}`)
    const zones = [...senders, pythonist].map(({ zone }) => zone)
    const records = [...senders.map(({ record }) => record), python]
    lab = stack.use(await startLab(buildWorld({ records, zones })))
    const servers = [{ address: lab.dns.host, port: lab.dns.port, trusted: true }]
    resolver = createResolver({ servers, clock: systemClock, limits: QUICK.dns })
  })
  afterAll(() => stack.disposeAsync())
  beforeEach(() => {
    folder = `Reports${++folders}`
    dovecot.make(folder)
  })

  function deliver(mails: readonly Buffer[]): void {
    dovecot.deliver(
      mails.map((bytes) => bytes.toString('latin1')),
      folder,
      NOW - HOUR_MS,
    )
  }

  function settingsFor(it: Desk, lines: Readonly<Record<string, unknown>> = {}): Settings {
    const mailbox = { folder, check: '*/5 * * * *', idle: false, ...lines }
    const config = configOf({ domains: ['example.com'], mailbox })
    if (config.mailbox === null) throw new Error('no mailbox')
    const server = {
      host: HOST,
      port: dovecot.plain.port,
      security: 'starttls',
      user: DOVECOT_USER,
      password: new Secret(PASSWORD),
    } as const
    const clock = realWaits(it.clock)
    const opened = imapMailbox(server, {
      clock,
      folder: config.mailbox.folder,
      afterReading: config.mailbox.afterReading,
      idle: false,
      accessToken: null,
      ca,
      deadlines: IMAP_DEADLINES,
      notice: () => {},
    })
    const open = () => openIntake({ resolver, clock, trustAuthservId: null, limits: THREAD_LIMITS })
    return { ...it.open(config), intake: { mailbox: opened, open } }
  }

  const visit = (it: Desk, settings: Settings) => visitMailbox(settings, it.tools, it.never)

  /** Mails by class, and what the reports that count say together. */
  async function counted(it: Desk) {
    let sessions = 0
    for await (const { policy } of it.store.reports.policiesSince(0)) sessions += policy.successfulSessions
    return { ...Object.fromEntries(await it.store.reports.mailClasses(0)), sessions }
  }

  test('come from the Maildir into the counts, each with who signed it; nothing is marked as seen', async () => {
    const plain = pythonist.unsigned({ dayAt: YESTERDAY, successful: 1_000 })
    const python = signedByDkimpy(plain, pythonKey.privateKey, 'dkimpy.example')
    const tampered = Buffer.from(python.toString('latin1').replace(/^Date: Sun/m, 'Date: Mon'), 'latin1')
    deliver([python, ...reportMails(2), LETTER, tampered])
    await using it = await desk()
    const settings = settingsFor(it)
    expect(await visit(it, settings)).toBe('read')
    expect(await counted(it)).toEqual({ accepted: 3, 'not-a-report': 1, quarantined: 1, sessions: 1_003 })
    const reports = await it.store.reports.list(ALL, 10)
    expect(reports.map(({ standing, authenticity }) => [standing, authenticity])).toEqual(
      expect.arrayContaining([
        ['counted', { trust: 'verified', signer: 'dkimpy.example', selector: 'sel' }],
        ['counted', { trust: 'verified', signer: 'google.com', selector: 'reports' }],
        ['quarantined', expect.objectContaining({ because: 'signature-broken', claimed: 'dkimpy.example' })],
      ]),
    )
    expect(await visit(it, settings)).toBe('read')
    expect(it.log.filter(({ event }) => event === 'mailbox.read')).toHaveLength(1)
    // Maildir: a is the first keyword, S would be \Seen.
    expect(dovecot.flags(folder)).toEqual(['a', 'a', 'a', '', 'a'])
  })

  test('are all counted by two readers at once, each with a database of its own', async () => {
    deliver([...reportMails(60), LETTER])
    await using one = await desk()
    await using other = await desk()
    await Promise.all([one, other].map((it) => visit(it, settingsFor(it))))
    const whole = { accepted: 60, 'not-a-report': 1, sessions: (60 * 61) / 2 }
    expect([await counted(one), await counted(other)]).toEqual([whole, whole])
  })

  test('are counted once by two readers at once with one database', async () => {
    deliver([...reportMails(60), LETTER])
    await using it = await desk()
    const outcomes = await Promise.all([settingsFor(it), settingsFor(it)].map((one) => visit(it, one)))
    expect(outcomes).toEqual(['read', 'read'])
    expect(await counted(it)).toEqual({ accepted: 60, 'not-a-report': 1, sessions: (60 * 61) / 2 })
    expect(await visit(it, settingsFor(it))).toBe('read')
    expect(await counted(it)).toEqual({ accepted: 60, 'not-a-report': 1, sessions: (60 * 61) / 2 })
    expect(dovecot.flags(folder).filter((flags) => flags === 'a')).toHaveLength(60)
  })

  test('are moved away when they are read; what is no report stays', async () => {
    deliver([...reportMails(3), LETTER, ...reportMails(1)])
    await using it = await desk()
    const read = `${folder}Read`
    expect(await visit(it, settingsFor(it, { after_reading: `move:${read}` }))).toBe('read')
    expect(await counted(it)).toEqual({ accepted: 3, duplicate: 1, 'not-a-report': 1, sessions: 6 })
    expect([dovecot.flags(folder).length, dovecot.flags(read).length]).toEqual([1, 4])
    // The other folder is another place, and its reports are known.
    expect(await visit(it, settingsFor(it, { folder: read, after_reading: 'leave' }))).toBe('read')
    expect(await counted(it)).toEqual({ accepted: 3, duplicate: 5, 'not-a-report': 1, sessions: 6 })
  })

  test('that two readers with one database move at once are counted once, and none is lost or left behind', async () => {
    deliver(reportMails(60))
    await using it = await desk()
    const read = `${folder}Read`
    const lines = { after_reading: `move:${read}` }
    await Promise.all([settingsFor(it, lines), settingsFor(it, lines)].map((one) => visit(it, one)))
    // Whatever one of them left to the other; a file that both removed at once Dovecot may show for a while.
    for (let visits = 0; visits === 0 || (visits < 6 && dovecot.flags(folder).length > 0); visits++) {
      expect(await visit(it, settingsFor(it, lines))).toBe('read')
    }
    const once = { accepted: 60, duplicate: 0, sessions: (60 * 61) / 2 }
    expect({ ...(await counted(it)), duplicate: 0 }).toEqual(once)
    const troubles = it.log.filter(({ level }) => level !== 'info')
    expect(dovecot.flags(folder), JSON.stringify(troubles)).toEqual([])
    expect(dovecot.flags(read).length).toBeGreaterThanOrEqual(60)
  })

  test('in a folder that was made anew are known, and that is told', async () => {
    await using it = await desk()
    deliver(reportMails(4))
    await visit(it, settingsFor(it))
    dovecot.make(folder)
    deliver(reportMails(5))
    expect(await visit(it, settingsFor(it))).toBe('read')
    expect(await counted(it)).toEqual({ accepted: 5, duplicate: 4, sessions: 15 })
    expect(it.monitor.mailbox.state().renumberedFolders).toMatchObject([{ folder }])
  })
})
