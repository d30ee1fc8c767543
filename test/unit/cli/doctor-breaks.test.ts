/**
 * More ways in which a line of `doctor` goes red, each mended and seen green. Not to be broken here: a disk that says it has
 * written and has not (nothing can be asked that would tell), a place without write permission (tests may run as root), a
 * resolver on another machine (the lab is on this one, and so believed).
 */

import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { editDomain } from '../../../src/lab/build-world.ts'
import { rsaPem } from '../mail/dkim-keys.ts'
import { BREAKS, ENDPOINT } from './doctor-broken.ts'
import { DOMAIN, type DoctorLab, doctorLab } from './doctor-lab.ts'

let here: DoctorLab
beforeAll(async () => {
  here = await doctorLab()
})
afterAll(() => here[Symbol.asyncDispose]())
beforeEach(() => here.fresh())

describe('each line, broken on purpose and mended', () => {
  test.each(BREAKS)('%s: %s', async (topic, what, world, edit, state, words) => {
    const usual = edit.lab === true ? { lab: true } : {}
    let own = edit
    if (what === 'another key') {
      const other = join(here.directory, 'other.pem')
      await writeFile(other, rsaPem(2048), { mode: 0o600 })
      own = { env: { DKIM_KEY_FILE: other } }
    }
    here.lab.change(world)
    const broken = await here.stateOf(topic, own)
    expect(broken).toMatchObject({ state, text: expect.stringMatching(words) })
    expect(broken.status === 1).toBe(state === 'bad')
    here.lab.change(() => here.healthy)
    expect(await here.stateOf(topic, usual)).toMatchObject({ state: 'good' })
  })

  test('report addresses: an https endpoint that answers is good', async () => {
    here.lab.change((world) => editDomain(world, DOMAIN, { tlsrptRecord: [`v=TLSRPTv1; rua=${ENDPOINT}`] }))
    expect(await here.stateOf('report addresses')).toMatchObject({
      state: 'good',
      text: expect.stringContaining(`${ENDPOINT}: it answers, with a valid certificate`),
    })
  })

  test.each<[string, object, RegExp]>([
    [
      'is not in the channel',
      { is_member: false },
      /the app is not in the channel C0123ABCDE\nInvite it there/,
    ],
    ['finds the channel archived', { is_archived: true }, /is archived\nName another one/],
  ])('Slack: the app %s', async (_, channel, words) => {
    const about = { is_member: true, ...channel }
    await using slack = await slackThat((request) => ({
      body: { ok: true, team: 'Lab', ...(request.url?.endsWith('info') ? { channel: about } : {}) },
      scopes: 'chat:write,channels:read',
    }))
    const edit = { lab: true, env: { SLACK_API_URL: slack.url } }
    expect(await here.stateOf('Slack', edit)).toMatchObject({
      state: 'bad',
      text: expect.stringMatching(words),
    })
    Object.assign(about, { is_member: true, is_archived: false })
    expect(await here.stateOf('Slack', edit)).toMatchObject({ state: 'good' })
  })

  test('Slack: the scope to post is missing, and given', async () => {
    let scopes = 'channels:read'
    const channel = { is_member: true }
    await using slack = await slackThat(() => ({ body: { ok: true, team: 'Lab', channel }, scopes }))
    const edit = { lab: true, env: { SLACK_API_URL: slack.url } }
    expect(await here.stateOf('Slack', edit)).toMatchObject({
      state: 'bad',
      text: expect.stringMatching(/lacks the scope chat:write\nAdd the scopes/),
    })
    scopes = 'channels:read,chat:write'
    expect(await here.stateOf('Slack', edit)).toMatchObject({ state: 'good' })
  })

  test('DKIM: a key file that is not there is a broken environment, and is named', async () => {
    const { status, out, err } = await here.doctor({
      json: false,
      env: { DKIM_KEY_FILE: '/nowhere/key.pem' },
    })
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(/^environment: DKIM_KEY_FILE: \/nowhere\/key\.pem does not exist$/m)
    expect((await here.doctor({ json: false })).status).toBe(0)
  })
})

async function slackThat(
  answer: (request: IncomingMessage) => { readonly body: object; readonly scopes: string },
) {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { body, scopes } = answer(request)
    response.writeHead(200, { 'content-type': 'application/json', 'x-oauth-scopes': scopes })
    response.end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('--json has the status and every line, each with what to do about it', async () => {
  here.lab.change((world) => ({ ...world, records: [], inbox: { mode: 'busy', connections: null } }))
  const { status, out } = await here.doctor()
  const told = JSON.parse(out)
  expect([status, told.status, Object.keys(told)]).toEqual([1, 1, ['status', 'lines']])
  for (const line of told.lines) {
    expect(Object.keys(line)).toEqual(['topic', 'state', 'text', 'remedy'])
    expect(['good', 'warning', 'bad', 'unset']).toContain(line.state)
    if (line.state === 'bad')
      expect([line.topic, line.remedy]).toEqual([
        line.topic,
        [expect.any(String)].concat(line.remedy.slice(1)),
      ])
  }
})
