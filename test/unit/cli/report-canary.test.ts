import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { reportCanaryCommand } from '../../../src/cli/report-canary.ts'
import { reportCanaryNowCommand } from '../../../src/cli/report-canary-now.ts'
import { healthyDomain } from '../../../src/lab/build-world.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import type { World } from '../../../src/lab/world.ts'
import { type Clock, systemClock } from '../../../src/lib/time.ts'
import { acquireInstanceLock } from '../../../src/store/instance-lock.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { answer, commit, snapshot } from '../../contract/store-samples.ts'
import { QUICK } from '../../scenario/process.ts'
import { mailboxEnv } from '../../scenario/senders.ts'
import { worldOf } from '../../scenario/stage.ts'
import { rsaKey } from '../mailbox/dkim-signer.ts'
import { capturedIo } from './captured-io.ts'

const RUA = 'mailto:tls-reports@example.com'
const KEY = rsaKey(2048)
const NOT_OURS = /mailto:x@canary\.test \(example\.com\): not tried, it seems to be somebody else's/

/** An installation whose mail comes into its own mailbox, carried there while the command waits. */
class Desk implements AsyncDisposable {
  carry: (raw: string) => string | null = (raw) => raw
  readonly lab: Lab
  readonly folder = mkdtempSync(join(tmpdir(), 'stswatch-canary-cli-'))
  #carried = 0

  private constructor(lab: Lab) {
    this.lab = lab
  }

  static async open({ isLooked = true } = {}): Promise<Desk> {
    const text = `v=DKIM1; k=rsa; s=tlsrpt; p=${KEY.p}`
    const world = worldOf([healthyDomain('example.com')], {
      records: [{ name: 'reports._domainkey.ops.example', ttlSeconds: 300, type: 'TXT', text }],
      zones: [{ name: 'ops.example', secure: false }],
    })
    const desk = new Desk(await startLab(world, { clock: systemClock, now: systemClock.now() }))
    writeFileSync(desk.#file('key.pem'), KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      mode: 0o600,
    })
    desk.configure({ mailbox: {}, reports: { canary: true } })
    if (isLooked) await desk.#look()
    return desk
  }

  configure(sections: Readonly<Record<string, unknown>>): void {
    const resolvers = this.lab.resolvers.map(({ host, port }) => `${host}:${port}`)
    const watch = { domains: ['example.com'], ehlo_name: 'monitor.ops.example', resolvers, ...sections }
    writeFileSync(this.#file('watch.yaml'), JSON.stringify(watch))
  }

  change(edit: (world: World) => World): void {
    this.lab.change(edit)
  }

  /** `report canary`. */
  async list(json = false) {
    const { io, said } = capturedIo({ env: this.#env() })
    const status = await reportCanaryCommand({ configFile: this.#file('watch.yaml'), json }, io)
    return { status, ...said }
  }

  /** `report canary --now`. */
  async now(wait = '1m', env: Readonly<Record<string, string | undefined>> = {}) {
    const { io, said } = capturedIo({ env: { ...this.#env(), ...env } })
    const request = { configFile: this.#file('watch.yaml'), wait }
    const world = { route: this.lab.route, roots: [this.lab.caPem], limits: QUICK }
    const status = await reportCanaryNowCommand(request, io, { world, ca: this.lab.caPem }, this.#clock())
    return { status, ...said }
  }

  /** Its naps last no time on the wall, and a minute by its own count. */
  #clock(): Clock {
    let slept = 0
    return {
      ...systemClock,
      monotonicMs: () => systemClock.monotonicMs() + slept,
      sleep: async () => {
        slept += 60_000
        for (const { raw } of this.lab.inbox.mails.slice(this.#carried)) {
          this.#carried += 1
          const arriving = this.carry(raw)
          if (arriving !== null) this.lab.imap.arrive(Buffer.from(arriving, 'latin1'))
        }
      },
    }
  }

  /** A look that saw two addresses, one of which is somebody else's. */
  async #look(): Promise<void> {
    const options = { owner: true, allowNetworkFilesystem: true, warn: () => {} }
    await using store = await openStore(this.#file('stswatch.db'), options)
    const now = systemClock.now()
    const tlsrptRecord = answer([`v=TLSRPTv1; rua=${RUA},mailto:x@canary.test`], now)
    await store.commitCheck(commit(snapshot(now, { tlsrptRecord })))
  }

  #env(): Readonly<Record<string, string>> {
    return {
      ...mailboxEnv(this.lab),
      STSWATCH_LAB: '1',
      SMTP_URL: `smtp://${this.lab.inbox.host}:${this.lab.inbox.port}`,
      MAIL_FROM: 'stswatch@ops.example',
      DKIM_DOMAIN: 'ops.example',
      DKIM_REPORT_SELECTOR: 'reports',
      DKIM_REPORT_KEY_FILE: this.#file('key.pem'),
      DATABASE_FILE: this.#file('stswatch.db'),
    }
  }

  #file(name: string): string {
    return join(this.folder, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

test('where nothing was looked at yet it says how to begin', async () => {
  await using it = await Desk.open({ isLooked: false })
  expect(await it.list()).toMatchObject({ status: 66, err: expect.stringContaining('stswatch run') })
})

test('nothing was sent yet: how to, and which address is not ours', async () => {
  await using it = await Desk.open()
  const first = await it.list()
  expect(first).toMatchObject({ status: 1, out: '' })
  expect(first.err).toContain('to send one now: stswatch report canary --now')
  expect(first.err).toMatch(NOT_OURS)
  it.configure({ mailbox: {} })
  expect((await it.list()).err).toContain('set `reports: { canary: true }` in watch.yaml')
})

test('one is sent, waited for, and found in the mailbox; the list has it', async () => {
  await using it = await Desk.open()
  const { status, out, err } = await it.now('5m')
  expect({ status, err: err.includes('waiting for it in the mailbox') }).toEqual({ status: 0, err: true })
  expect(out).toMatch(/^mailto:tls-reports@example\.com: taken: 127\.0\.0\.1:\d+: 250 /m)
  expect(out).toMatch(/: arrived after less than a second, and its signature counts\n$/)
  const list = await it.list()
  expect(list.status).toBe(0)
  expect(list.out).toMatch(/^mailto:tls-reports@example\.com {2}\(example\.com\)\nsent .*\n.* arrived /)
  const rows = (await it.list(true)).out.trim().split('\n')
  expect(rows.map((row) => JSON.parse(row))).toMatchObject([
    { rua: RUA, domains: ['example.com'], fate: 'arrived', state: 'sent', attempts: 1 },
  ])
})

test('it may be tried before anything is configured about canaries', async () => {
  await using it = await Desk.open()
  it.configure({ mailbox: {} })
  expect((await it.now('5m')).status).toBe(0)
})

test('one whose signature breaks on the way arrives, and would not count', async () => {
  await using it = await Desk.open()
  it.carry = (raw) => raw.replace('This is a canary', 'EXTERNAL: This is a canary')
  const { status, out } = await it.now('5m')
  expect(status).toBe(1)
  expect(out).toMatch(/arrived after .*, and it would not count: The mail was changed after it was signed/)
})

test('one that is lost is waited for as long as was said, and is not forgotten', async () => {
  await using it = await Desk.open()
  it.carry = () => null
  const { status, out } = await it.now('3m')
  expect(status).toBe(1)
  expect(out).toMatch(
    /not arrived yet \(Report-ID canary\..*@ops\.example\); see later: stswatch report canary/,
  )
  expect((await it.list()).out).toContain('under way')
})

test('a running monitor reads the mailbox, and nobody else does', async () => {
  await using it = await Desk.open()
  const lock = await acquireInstanceLock(join(it.folder, 'stswatch.db'), 'worker', systemClock.now())
  if (!lock.ok) throw new Error('nobody else has it')
  await using _held = lock.value
  const { status, out } = await it.now('3m')
  expect(status).toBe(1)
  expect(out).toContain('not arrived yet')
  expect(it.lab.imap.entries).toEqual([])
})

test('a refusal is told at once, with what the server said', async () => {
  await using it = await Desk.open()
  it.change((world) => ({ ...world, inbox: { mode: 'reject-recipient', connections: null } }))
  const { status, out, err } = await it.now()
  expect(status).toBe(1)
  expect(out).toMatch(/: refused: 127\.0\.0\.1:\d+: .*550 5\.1\.1 No such user/)
  expect(err).not.toContain('waiting')
  expect(await it.list()).toMatchObject({ status: 1, out: expect.stringContaining('not taken') })
})

test('a mailbox that cannot be read ends the waiting with its reason', async () => {
  await using it = await Desk.open()
  const trouble = { mode: { at: 'login', does: 'no' }, lacks: [], connections: null } as const
  it.change((world) => ({ ...world, imap: trouble }))
  const { status, err } = await it.now()
  expect(status).toBe(1)
  expect(err).toMatch(/the mailbox cannot be read: .*refused/)
})

test('a key that is not published holds it back, and says which record is missing', async () => {
  await using it = await Desk.open()
  const { status, out } = await it.now('1m', { DKIM_REPORT_SELECTOR: 'other' })
  expect(status).toBe(1)
  expect(out).toContain('not taken yet: other._domainkey.ops.example: There is no TXT record here.')
})

test('what is missing, and a time that is none, are refused', async () => {
  await using it = await Desk.open()
  expect(await it.now('soon')).toMatchObject({
    status: 2,
    err: expect.stringContaining('--wait soon: write a duration like 5m or 1h'),
  })
  it.configure({ mailbox: {} })
  const keyless = { DKIM_DOMAIN: undefined, DKIM_REPORT_SELECTOR: undefined, DKIM_REPORT_KEY_FILE: undefined }
  expect(await it.now('1m', keyless)).toMatchObject({
    status: 78,
    err: expect.stringContaining('DKIM_REPORT_KEY_FILE'),
  })
  it.configure({ mailbox: {}, reports: { canary: true, canary_addresses: ['tls@elsewhere.example'] } })
  expect(await it.now()).toMatchObject({
    status: 1,
    err: expect.stringContaining('that is yours is known: nothing was sent'),
  })
})
