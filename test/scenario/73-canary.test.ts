import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { editHost, healthyDomain, webHost } from '../../src/lab/build-world.ts'
import { CERTIFICATES } from '../../src/lab/certificate-spec.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { World } from '../../src/lab/world.ts'
import { CANARY_DOMAIN } from '../../src/model/canary.ts'
import { rsaKey } from '../unit/mailbox/dkim-signer.ts'
import { mailboxEnv } from './senders.ts'
import { Stage, worldOf } from './stage.ts'

const HOUR = 60
const RUA = 'mailto:tls-reports@example.com'
const FIRST = 30
const WATCH = {
  defaults: { check: '0 */4 * * *' },
  mailbox: { check: '*/10 * * * *', idle: false },
  reports: { canary: true, canary_check: '0 5 * * *' },
}
const KEY = rsaKey(2048)

function world(rua = `${RUA},mailto:reports@canary.test`): World {
  const text = `v=DKIM1; k=rsa; s=tlsrpt; p=${KEY.p}`
  return worldOf([healthyDomain('example.com', { tlsrptRecord: [`v=TLSRPTv1; rua=${rua}`] })], {
    records: [{ name: 'reports._domainkey.ops.example', ttlSeconds: 300, type: 'TXT', text }],
    zones: [{ name: 'ops.example', secure: false }],
    hosts: [endpoint(201)],
  })
}

function endpoint(status: number): World['hosts'][number] {
  return webHost('tls.example.com', { https: { status, headers: {}, body: 'thank you' } })
}

/** What lies on the way from the mail server to the mailbox. */
type Way = (raw: string) => string | null

/** A stage whose mail to the address for reports goes on into the mailbox that is read. */
class CanaryStage implements AsyncDisposable {
  way: Way = (raw) => raw
  readonly #stage: Stage
  readonly #folder: string
  #carried = 0

  private constructor(stage: Stage, folder: string) {
    this.#stage = stage
    this.#folder = folder
  }

  static async open(played = world()): Promise<CanaryStage> {
    const folder = mkdtempSync(join(tmpdir(), 'stswatch-canary-'))
    const keyFile = join(folder, 'reports.pem')
    writeFileSync(keyFile, KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const env = (lab: Lab) => ({
      ...mailboxEnv(lab),
      DKIM_DOMAIN: 'ops.example',
      DKIM_REPORT_SELECTOR: 'reports',
      DKIM_REPORT_KEY_FILE: keyFile,
    })
    const database = join(folder, 'stswatch.db')
    return new CanaryStage(await Stage.open(played, { watch: WATCH, env, database }), folder)
  }

  get stage(): Stage {
    return this.#stage
  }

  /** Time passes, and mail is carried on after each step. */
  async pass(minutes: number, step = 10): Promise<void> {
    for (let passed = 0; passed < minutes; passed += step) {
      await this.#stage.pass(step, step)
      this.#carry()
    }
  }

  async canaries(rua = RUA) {
    return this.#stage.running.store.canaries.recent([rua], 20)
  }

  async fates(): Promise<readonly string[]> {
    const open = await this.#stage.openIncidents()
    return open.filter((incident) => incident.startsWith('monitor.'))
  }

  /** The mail that says this, on one line. */
  mail(saying: string): string {
    const mails = this.#stage.mailTexts().map((text) => text.replaceAll(/\s+/g, ' '))
    return mails.find((text) => text.includes(saying)) ?? ''
  }

  /** Texts about canaries in Slack. */
  told(): readonly string[] {
    return this.#stage.slackThreads().filter((thread) => thread.includes('TLS report'))
  }

  #carry(): void {
    const { inbox, imap } = this.#stage.lab
    const mails = inbox.mails.slice(this.#carried)
    this.#carried = inbox.mails.length
    for (const { raw, to } of mails) {
      if (!to.includes('tls-reports@example.com')) continue
      const arriving = this.way(raw)
      if (arriving !== null) imap.arrive(Buffer.from(arriving, 'latin1'))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stage[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

test.concurrent('one is sent when the first looks have shown where to, then every day; it arrives and is no data', async () => {
  await using it = await CanaryStage.open()
  await it.pass(30 * HOUR, 30)
  const canaries = await it.canaries()
  expect(canaries).toHaveLength(3)
  for (const { arrival, state } of canaries) {
    expect(state).toBe('sent')
    expect(arrival?.authenticity).toMatchObject({ trust: 'verified', signer: 'ops.example' })
  }
  expect(new Set(it.stage.lab.inbox.mails.flatMap(({ to }) => to))).toEqual(
    new Set(['tls-reports@example.com']),
  )
  expect(it.stage.lab.inbox.mails).toHaveLength(3)
  expect(await it.fates()).toEqual([])
  expect(it.stage.slackThreads()).toEqual([])
  const { reports } = it.stage.running.store
  expect(await reports.mailClasses(0)).toEqual(new Map([['not-a-report', 3]]))
  const all = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false }
  expect(await reports.list(all, 10)).toEqual([])
  expect(await reports.policiesOf(CANARY_DOMAIN, 0)).toEqual([])
})

test.concurrent('one that is filtered away is told after four hours, once, and its late arrival ends it', async () => {
  await using it = await CanaryStage.open()
  await it.pass(FIRST)
  let kept = ''
  it.way = (raw) => {
    kept = raw
    return null
  }
  await it.pass(5 * HOUR)
  expect(kept).toContain('TLS-Report-Domain: stswatch-canary.invalid')
  expect(it.told()).toEqual([])
  await it.pass(4.5 * HOUR)
  expect(await it.fates()).toEqual([`monitor.canary.missing ${RUA}`])
  await it.pass(2 * HOUR)
  expect(it.told()).toHaveLength(1)
  const mail = it.mail('did not arrive')
  expect(mail).toContain(`A TLS report to ${RUA} did not arrive`)
  expect(mail).toMatch(/was taken at .* by 127\.0\.0\.1:\d+: 250/)
  expect(mail).toContain('The last one that arrived came at')
  expect(mail).toMatch(/Report-ID: canary\.\d{4}-\d\d-\d\dT0500\.[0-9a-f]{32}@ops\.example/)
  expect(mail).toContain('about example.com')

  await it.stage.stop()
  await it.stage.start()
  await it.pass(30)
  expect(it.told().join()).not.toContain('esolved')

  it.stage.lab.imap.arrive(Buffer.from(kept, 'latin1'))
  await it.pass(10)
  expect(await it.fates()).toEqual([`monitor.canary.slow ${RUA}`])
  it.way = (raw) => raw
  await it.pass(18 * HOUR, 30)
  expect(await it.fates()).toEqual([])
})

test.concurrent('while the mailbox cannot be read nothing is missing; nor is it right after a restart', async () => {
  await using it = await CanaryStage.open()
  await it.pass(FIRST)
  it.way = () => null
  await it.pass(4.5 * HOUR)
  it.stage.change((before) => ({
    ...before,
    imap: { mode: { at: 'login', does: 'no' }, lacks: [], connections: null },
  }))
  await it.pass(6 * HOUR)
  expect(await it.fates()).toEqual([expect.stringContaining('monitor.mailbox.unreachable')])
  await it.stage.stop()
  await it.stage.start()
  await it.pass(10)
  expect((await it.fates()).filter((one) => one.includes('canary'))).toEqual([])
  it.stage.change((before) => ({ ...before, imap: null }))
  await it.pass(30)
  expect(await it.fates()).toEqual([`monitor.canary.missing ${RUA}`])
})

test.concurrent('an address that refuses it is told with what the server said', async () => {
  await using it = await CanaryStage.open()
  await it.pass(FIRST)
  it.stage.change((before) => ({ ...before, inbox: { mode: 'reject-recipient', connections: 1 } }))
  await it.pass(5 * HOUR)
  expect(await it.fates()).toEqual([`monitor.canary.undelivered ${RUA}`])
  expect(it.told().join()).toMatch(/cannot be handed over to mailto:tls-reports@example\.com/)
  expect(it.mail('cannot be handed over')).toMatch(
    /what was said last: 127\.0\.0\.1:\d+: .*550 5\.1\.1 No such user\./,
  )
})

test.concurrent('a gateway that changes the mail is told by what it breaks', async () => {
  await using it = await CanaryStage.open()
  it.way = (raw) => raw.replace('This is a canary', 'EXTERNAL MAIL! This is a canary')
  await it.pass(FIRST + 20)
  expect(await it.fates()).toEqual([`monitor.canary.unverified ${RUA}`])
  expect(it.told().join()).toMatch(/arrived, and its signature does not count/)
})

test.concurrent('one that is held back for a key of ours is told as that, also after a restart', async () => {
  await using it = await CanaryStage.open()
  await it.pass(FIRST)
  it.stage.change((before) => ({ ...before, records: [] }))
  await it.pass(9.5 * HOUR, 30)
  expect(await it.fates()).toEqual(['monitor.reports.held'])
  await it.stage.stop()
  await it.stage.start()
  await it.pass(20)
  expect(await it.fates()).toEqual(['monitor.reports.held'])
})

test.concurrent('an https endpoint: its status, its certificate and its time; what is wrong with them is told', async () => {
  const rua = 'https://tls.example.com/v1'
  await using it = await CanaryStage.open(world(rua))
  await it.pass(FIRST)
  const [taken] = await it.canaries(rua)
  expect(taken).toMatchObject({ state: 'sent', arrival: null })
  expect(taken?.note).toMatch(
    /^tls\.example\.com answered 201 thank you; its certificate is valid until \d{4}-\d\d-\d\d \(\d+\.\d s\)$/,
  )
  expect(await it.fates()).toEqual([])

  it.stage.change((before) => editHost(before, 'tls.example.com', { certificate: CERTIFICATES.expired }))
  await it.pass(9.5 * HOUR, 30)
  expect(await it.fates()).toEqual([`monitor.canary.undelivered ${rua}`])
  expect(it.mail('cannot be handed over')).toMatch(
    /was said last: tls\.example\.com: certificate has expired/,
  )

  it.stage.change((before) => editHost(before, 'tls.example.com', { certificate: CERTIFICATES.good }))
  await it.pass(5 * HOUR, 30)
  expect(await it.fates()).toEqual([])

  it.stage.change((before) => editHost(before, 'tls.example.com', { https: endpoint(404).https }))
  await it.pass(16 * HOUR, 30)
  expect(await it.fates()).toEqual([`monitor.canary.undelivered ${rua}`])
  expect(it.mail('answered 404')).toContain('The last one that arrived came at')
})
