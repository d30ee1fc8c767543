import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { IMAP_PASSWORD, IMAP_USER } from '../../../src/lab/imap-login.ts'
import { scriptedServer } from '../mail/scripted-server.ts'
import { type DoctorLab, doctorLab, PASSWORD, secretsOf } from './doctor-lab.ts'

let here: DoctorLab
beforeAll(async () => {
  here = await doctorLab()
})
afterAll(() => here[Symbol.asyncDispose]())
beforeEach(() => here.fresh())

describe('no secret is printed', () => {
  const MORE = {
    SLACK_APP_TOKEN: 'xapp-1-canary',
    HEARTBEAT_URL: 'https://heartbeat.test/ping-canary',
    OPS_WEBHOOK_SECRET: 'whsec-canary-0123456789',
  }

  test('every kind of secret is looked for, in every run of these tests', async () => {
    const env = {
      ...here.env,
      ...MORE,
      SLACK_BOT_TOKEN: 'xoxb-canary',
      OPS_WEBHOOK_URL: 'https://h.test/hook-canary',
    }
    const secrets = await secretsOf(env)
    const wanted = [
      PASSWORD,
      IMAP_PASSWORD,
      'xoxb-canary',
      '/hook-canary',
      '/ping-canary',
      ...Object.values(MORE),
    ]
    for (const one of wanted.filter((text) => !text.startsWith('https:'))) expect(secrets).toContain(one)
    expect(secrets).toContain(Buffer.from(`\0me\0${PASSWORD}`).toString('base64'))
    expect(secrets).toContain(Buffer.from(`\0${IMAP_USER}\0${IMAP_PASSWORD}`).toString('base64'))
    // Two keys of 2048 bits.
    expect(secrets.filter((one) => /^[A-Za-z0-9+/=]{64}$/.test(one)).length).toBeGreaterThan(40)
  })

  test.each([true, false])(
    'by a run in which all is well, and by one in which all is broken; as JSON: %s',
    async (json) => {
      expect((await here.doctor({ json, env: { HEARTBEAT_URL: MORE.HEARTBEAT_URL } })).status).toBe(0)
      await here.doctor({ lab: true, json, env: MORE })
      here.lab.change((world) => ({
        ...world,
        imap: { mode: 'quotes-login', lacks: [], connections: null },
        inbox: { mode: 'reject-login', connections: null },
        slack: { mode: { error: 'invalid_auth' }, methods: 'all', calls: null },
        records: [],
        dnsFaults: [],
      }))
      const bad = await here.doctor({ lab: true, json, env: MORE })
      expect(bad.status).toBe(1)
      expect(bad.out).toMatch(/Check user and password in IMAP_URL/)
    },
  )

  test('by a mail server that quotes what it was sent', async () => {
    const plain = Buffer.from(`\0me\0${PASSWORD}`).toString('base64')
    const quote = `535 you sent ${plain}, which is ${PASSWORD}`
    await using server = await scriptedServer({ capabilities: ['AUTH PLAIN'], auth: quote })
    const edit = { env: { SMTP_URL: `smtp://me:${PASSWORD}@127.0.0.1:${server.port}` } }
    expect(await here.stateOf('mail server for alerts', edit)).toMatchObject({
      state: 'bad',
      text: expect.stringMatching(/535 you sent/),
    })
    expect(server.commands.join('\n')).toContain(plain)
  })
})
