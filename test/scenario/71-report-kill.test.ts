import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { healthyDomain } from '../../src/lab/build-world.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, systemClock } from '../../src/lib/time.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { header, readMail } from '../unit/mail/read-mail.ts'
import { type ScriptedServer, scriptedServer } from '../unit/mail/scripted-server.ts'
import { rsaKey } from '../unit/mailbox/dkim-signer.ts'
import { startChild } from '../unit/store/child.ts'
import { OPTIONS, type Scratch, scratch } from '../unit/store/scratch.ts'
import type { Surroundings } from './process.ts'
import { DEADLY_MOMENTS, type DeadlyMoment, liveReporterLife } from './reporter-life.ts'
import { Stage, worldOf } from './stage.ts'
import { hardlyEver } from './two-monitors.ts'

const SCRIPT = '../../scenario/killed-reporter.ts'
const DOMAIN = 'example.com' as DomainName
const ADDRESSES = ['tls-a@example.com', 'tls-b@example.com']
const REPORTER = 'ops.example'

/** An evening: the day was looked at, nothing is reported yet, and no process runs. */
interface Evening {
  readonly stage: Stage
  readonly place: Scratch
  readonly surroundings: Surroundings
  readonly now: number
}

/** The domain, and the key that reports about it are signed with. */
function worldWith(publicKey: string) {
  const rua = ADDRESSES.map((one) => `mailto:${one}`).join(',')
  const text = `v=DKIM1; k=rsa; s=tlsrpt; p=${publicKey}`
  return worldOf([healthyDomain(DOMAIN, { tlsrptRecord: [`v=TLSRPTv1; rua=${rua}`] })], {
    records: [{ name: `reports._domainkey.${REPORTER}`, ttlSeconds: 300, type: 'TXT', text }],
    zones: [{ name: REPORTER, secure: false }],
  })
}

async function openEvening(): Promise<Evening> {
  const place = await scratch()
  const { privateKey, p } = rsaKey(2048)
  const keyFile = join(place.directory, 'reports.pem')
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const stage = await Stage.open(worldWith(p), {
    database: place.file,
    watch: {
      defaults: { check: hardlyEver(systemClock.now()) },
      channels: { ops: { type: 'console' } },
      reports: { submit: true },
    },
    env: {
      DKIM_DOMAIN: REPORTER,
      DKIM_REPORT_SELECTOR: 'reports',
      DKIM_REPORT_KEY_FILE: keyFile,
    },
  })
  await stage.pass(1)
  await stage.stop()
  const now = stage.clock.now() + DAY_MS - 2 * MINUTE_MS
  return { stage, place, surroundings: stage.surroundings(), now }
}

let evening: Evening
beforeAll(async () => {
  evening = await openEvening()
})
afterAll(async () => {
  await evening.stage[Symbol.asyncDispose]()
  await evening.place[Symbol.asyncDispose]()
})

/** What a receiver goes by. */
interface Letter {
  readonly to: string
  readonly messageId: string
  readonly report: string
  readonly raw: string
}

function letter(raw: string): Letter {
  const { headers, parts } = readMail(raw)
  const report = gunzipSync(Buffer.from(parts[1]?.content ?? '', 'latin1')).toString('utf8')
  return { to: header(headers, 'To'), messageId: header(headers, 'Message-ID'), report, raw }
}

const known = ({ to, messageId, report }: Letter) => ({ to, messageId, report })

/** An evening of its own, with a far side that takes what a first and a second life hand over. */
async function night(name: string, end: string) {
  await using stack = new AsyncDisposableStack()
  const file = join(evening.place.directory, `${name}.db`)
  await copyFile(evening.place.file, file)
  const servers = [stack.use(await scriptedServer({ end })), stack.use(await scriptedServer())] as const
  const task = (life: 0 | 1, dies: DeadlyMoment | null) => {
    const { watch, env, caPem } = evening.surroundings
    const surroundings = { watch, caPem, database: file, env: { ...env, SMTP_URL: urlOf(servers[life]) } }
    return { surroundings, now: evening.now + life * 6 * HOUR_MS, dies }
  }
  const closing = stack.move()
  return {
    file,
    letters: () => servers.flatMap(({ mails }) => mails).map(letter),
    /** Dies of itself at that moment, or as soon as a mail has come and is not answered. */
    async kill(dies: DeadlyMoment | null) {
      await using child = startChild(SCRIPT, JSON.stringify(task(0, dies)))
      let over = dies !== null
      const ended = child.ended.finally(() => {
        over = true
      })
      while (!over && servers[0].mails.length === 0) await new Promise((resolve) => setImmediate(resolve))
      if (dies === null) child.kill('SIGKILL')
      expect(await ended).toBe('SIGKILL')
    },
    live: () => liveReporterLife(task(1, null)),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

type Night = Awaited<ReturnType<typeof night>>

function urlOf({ port }: ScriptedServer): string {
  return `smtp://127.0.0.1:${port}`
}

/** What arrives when nobody dies. */
async function undisturbed() {
  await using it = await night('undisturbed', '250 ok')
  expect(await it.live()).toEqual([])
  const letters = it.letters()
  expect(letters.map(({ to }) => to).sort()).toEqual(ADDRESSES)
  return letters
}

let control: ReturnType<typeof undisturbed> | null = null
const controlLetters = () => (control ??= undisturbed())

/** Each report once, or `copies` of one of them, and always the very same mail. */
async function expectWhole(it: Night, copies: number): Promise<void> {
  const letters = it.letters()
  const byAddress = Map.groupBy(letters, ({ to }) => to)
  expect([...byAddress.keys()].sort()).toEqual(ADDRESSES)
  expect(letters).toHaveLength(1 + copies)
  for (const same of byAddress.values()) expect(new Set(same.map(({ raw }) => raw)).size).toBe(1)
  const usual = (await controlLetters()).map(known)
  for (const one of letters) expect(usual).toContainEqual(known(one))
  await using store = await openStore(it.file, OPTIONS)
  const rows = await store.submissions.recent(DOMAIN, 10)
  expect(rows.map(({ rua, state }) => `${rua} ${state}`).sort()).toEqual(
    ADDRESSES.map((address) => `mailto:${address} sent`),
  )
  expect(new Set(rows.map(({ reportId }) => reportId)).size).toBe(1)
  expect(integrityOf(it.file)).toEqual(['ok'])
}

function integrityOf(file: string): readonly unknown[] {
  using connection = new DatabaseSync(file, { readOnly: true })
  return connection
    .prepare('PRAGMA integrity_check')
    .all()
    .flatMap((row) => Object.values(row))
}

test.concurrent.each(DEADLY_MOMENTS)('K20: killed %s', async (moment) => {
  await using it = await night(moment, '250 ok')
  await it.kill(moment)
  const before = it.letters().length
  expect(await it.live()).toEqual([])
  await expectWhole(it, moment === 'when the mail was taken' ? 2 : 1)
  expect(before).toBe(
    DEADLY_MOMENTS.indexOf(moment) < DEADLY_MOMENTS.indexOf('when the mail was taken') ? 0 : 1,
  )
})

test.concurrent('K20: killed while the far side has the mail and has not said so', async () => {
  await using it = await night('unanswered', 'hang')
  await it.kill(null)
  expect(await it.live()).toEqual([])
  await expectWhole(it, 2)
})
