import { expect, test } from 'vitest'
import { watchSelf } from '../../../src/app/jobs/watch-self.ts'
import { Monitor } from '../../../src/app/monitor.ts'
import { signsMail } from '../../../src/app/open-channels.ts'
import type { Settings } from '../../../src/app/settings.ts'
import { readEnv } from '../../../src/config/env.ts'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { composeMail } from '../../../src/mail/compose.ts'
import { mailSigner } from '../../../src/mail/mail-signer.ts'
import { signingTransport } from '../../../src/mail/signing-transport.ts'
import { dkimKey, rsaPem } from '../mail/dkim-keys.ts'
import { DRAFT } from '../mail/draft.ts'
import { configOf, type Desk, desk, FakeNotifier } from './desk.ts'

const SIGNER = mailSigner([dkimKey('mail1', rsaPem(2048))])
const GOOD = composeMail(DRAFT)
/** dkim-signer would sign another text than the one that is sent. */
const UNSIGNABLE = `${GOOD}${' '.repeat(101)}x\r\n`
const WATCH = { domains: ['example.com'], channels: { ops: { type: 'console' } } }

/** Sends a mail as an e-mail channel with a key does; what becomes of the signature is told to this monitor. */
async function mailed(raw: string, monitor: Monitor): Promise<void> {
  const transport = signingTransport(
    { send: async () => ({ outcome: 'accepted', refused: [], note: '' }) },
    SIGNER,
    (outcome) => monitor.signing.heard(outcome),
  )
  const { from, to } = DRAFT
  expect(await transport.send({ from, to, raw }, new AbortController().signal)).toMatchObject({
    outcome: 'accepted',
  })
}

function signing(it: Desk, does = true): Settings {
  return { ...it.app.settings, signsMail: does }
}

function told({ app }: Desk): readonly string[] {
  const channel = app.settings.notifiers.get('ops' as never)
  if (!(channel instanceof FakeNotifier)) throw new Error('no such channel')
  return channel.told
}

/** The monitor's own incidents that last. */
async function own(it: Desk): Promise<readonly string[]> {
  return (await it.live()).filter((line) => line.includes('monitor.'))
}

test('a mail that goes out unsigned is told, and the next one that is signed ends it', async () => {
  await using it = await desk(WATCH)
  await it.app.reload(signing(it))
  await it.pass(1)
  expect(await own(it)).toEqual([])
  await mailed(UNSIGNABLE, it.monitor)
  await it.pass(2)
  expect(await own(it)).toEqual(['open monitor.dkim.failing'])
  const [incident] = await it.store.incidents.live()
  expect(incident?.latest).toMatchObject({
    severity: 'warning',
    evidence: { domain: 'example.net', selector: 'mail1', why: expect.stringContaining('100 blanks') },
  })
  await mailed(GOOD, it.monitor)
  await it.pass(2)
  expect(await own(it)).toEqual([])
  expect(told(it)).toEqual(['opened monitor.dkim.failing', 'resolved monitor.dkim.failing'])
})

test('after a restart it stands until a mail was signed', async () => {
  await using it = await desk(WATCH)
  await mailed(UNSIGNABLE, it.monitor)
  await watchSelf(signing(it), it.tools, it.never)
  expect(await own(it)).toEqual(['open monitor.dkim.failing'])
  const monitor = new Monitor(it.clock)
  await it.clock.advance(MINUTE_MS)
  await watchSelf(signing(it), { ...it.tools, monitor }, it.never)
  expect(await own(it)).toEqual(['open monitor.dkim.failing'])
  await mailed(GOOD, monitor)
  await it.clock.advance(MINUTE_MS)
  await watchSelf(signing(it), { ...it.tools, monitor }, it.never)
  expect(await own(it)).toEqual([])
})

test('where mail is no longer to be signed it ends', async () => {
  await using it = await desk(WATCH)
  await mailed(UNSIGNABLE, it.monitor)
  await watchSelf(signing(it), it.tools, it.never)
  await it.clock.advance(MINUTE_MS)
  await watchSelf(signing(it, false), it.tools, it.never)
  expect(await own(it)).toEqual([])
})

test('mail is signed where there is a channel that sends it and a key for more than TLS reports', () => {
  const mail = configOf({ domains: ['a.example'], channels: { m: { type: 'email', to: ['a@b.example'] } } })
  const { domain, selector, privateKey } = dkimKey('mail1', 'not read here')
  const key = { selector, keyFile: 'mail1.pem', privateKey }
  const env = readEnv({})
  expect(env.ok && env.value.dkim).toBeNull()
  expect(signsMail(mail, { dkim: null })).toBe(false)
  expect(signsMail(mail, { dkim: { domain, mail: key, report: null } })).toBe(true)
  expect(signsMail(mail, { dkim: { domain, mail: null, report: key } })).toBe(false)
  expect(signsMail(configOf(WATCH), { dkim: { domain, mail: key, report: null } })).toBe(false)
})
