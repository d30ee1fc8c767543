import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Clock, UnixMs } from '../lib/time.ts'
import { SocketSide } from './slack-socket-side.ts'
import {
  type SlackArguments,
  type SlackEphemeral,
  type SlackResponse,
  type SlackThread,
  SlackWorkspace,
} from './slack-workspace.ts'
import { Spell } from './spell.ts'
import type { SlackMode, SlackTrouble } from './world.ts'

/** One call of the Web API, as it arrived. */
export interface SlackCall {
  readonly at: UnixMs
  readonly method: string
  readonly args: SlackArguments
}

const HUGE_BYTES = 2 * 1024 * 1024
const MAX_BODY_BYTES = 1024 * 1024

interface LabButton {
  readonly action_id?: string
  readonly value?: string
}

/** A Slack workspace behind the Web API, over plain HTTP on loopback. Any non-empty bearer token is good. */
export class LabSlack implements AsyncDisposable {
  /** What the client takes as its API URL; ends in a slash. */
  readonly url: string
  readonly calls: SlackCall[] = []
  /** Socket Mode. */
  readonly socket = new SocketSide()
  readonly #server: Server
  readonly #workspace = new SlackWorkspace()
  readonly #spell: Spell<SlackTrouble>
  readonly #clock: Clock

  private constructor(server: Server, port: number, trouble: () => SlackTrouble | null, clock: Clock) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}/api/`
    this.#spell = new Spell(trouble, ({ calls }) => calls)
    this.#clock = clock
    server.on('upgrade', (request, stream) => this.socket.accept(request, stream))
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy())
    })
  }

  /** Listens on a free port; `trouble` is asked at every call. */
  static async start(trouble: () => SlackTrouble | null, clock: Clock): Promise<LabSlack> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return new LabSlack(server, typeof address === 'object' && address ? address.port : 0, trouble, clock)
  }

  /** The root messages of a channel in the order they were posted, each with its thread and its edits. */
  messages(channel: string): readonly SlackThread[] {
    return this.#workspace.threads(channel)
  }

  /** What single people were shown. */
  get ephemerals(): readonly SlackEphemeral[] {
    return this.#workspace.ephemerals
  }

  /** As a person presses a button under a message; resolves when the press was acknowledged. */
  async press(
    ts: string,
    action: string,
    user: { readonly id: string; readonly name: string },
  ): Promise<void> {
    const message = this.#workspace.find(ts)
    if (message === null) throw new Error(`no message ${ts}`)
    const buttons = message.blocks.flatMap(
      (block) => (block as { elements?: readonly LabButton[] }).elements ?? [],
    )
    const button = buttons.find(({ action_id: id }) => id === action)
    if (button === undefined) throw new Error(`no button ${action} under ${ts}`)
    await this.socket.deliver({
      type: 'block_actions',
      api_app_id: 'A1',
      user: { ...user, username: user.name, team_id: 'T1' },
      container: { type: 'message', message_ts: ts, channel_id: message.channel, is_ephemeral: false },
      channel: { id: message.channel, name: message.channel },
      message: { type: 'message', ts, app_id: 'A1', text: message.text },
      actions: [{ type: 'button', action_id: action, block_id: 'b', value: button.value, action_ts: ts }],
    })
  }

  /** As a person deletes a message. */
  deleteMessage(ts: string): void {
    this.#workspace.delete(ts)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = (request.url ?? '').replace(/^\/api\/|\?.*$/g, '')
    const args = await readArguments(request)
    this.calls.push({ at: this.#clock.now(), method, args })
    if (!/^Bearer .+/.test(request.headers.authorization ?? '') && args.token === undefined) {
      respond(response, { ok: false, error: 'not_authed' })
      return
    }
    const trouble = this.#spell.take(({ methods }) => methods === 'all' || methods.includes(method))
    this.#act(trouble?.mode ?? null, response, (invisibleForLooks) =>
      method === 'apps.connections.open'
        ? { ok: true, url: `${new URL('/socket', this.url)}`.replace('http:', 'ws:') }
        : this.#workspace.call(method, args, this.#clock.now(), invisibleForLooks),
    )
  }

  #act(mode: SlackMode | null, response: ServerResponse, call: (invisible: number) => SlackResponse): void {
    if (mode === null) respond(response, call(0))
    else if (typeof mode === 'string') spoil(mode, response, call)
    else if ('status' in mode) respond(response, { ok: false, error: 'fatal_error' }, mode.status)
    else if ('error' in mode) respond(response, { ok: false, error: mode.error })
    else if ('invisibleForLooks' in mode) respond(response, call(mode.invisibleForLooks))
    else {
      if (mode.retryAfter !== null) response.setHeader('retry-after', mode.retryAfter)
      respond(response, { ok: false, error: 'ratelimited' }, 429)
    }
  }

  /** Closes the listener and every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.cut()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}

function spoil(
  mode: Extract<SlackMode, string>,
  response: ServerResponse,
  call: (invisible: number) => SlackResponse,
): void {
  if (mode.startsWith('stored-')) call(0)
  switch (mode) {
    case 'hang':
    case 'stored-then-hang':
      return
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'stored-then-close':
    case 'not-stored-then-close':
      response.socket?.destroy()
      return
    case 'stored-then-500':
      respond(response, { ok: false, error: 'internal_error' }, 500)
      return
    case 'bad-json':
      response.setHeader('content-type', 'application/json').end('{"ok": tru')
      return
    case 'huge':
      respond(response, { ok: true, padding: 'x'.repeat(HUGE_BYTES) })
  }
}

function respond(response: ServerResponse, body: SlackResponse, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

/** Slack takes forms and JSON alike. */
async function readArguments(request: IncomingMessage): Promise<SlackArguments> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk)
    if (body.length > MAX_BODY_BYTES) throw new Error('request too large')
  }
  const query = new URL(request.url ?? '', 'http://lab').searchParams
  if (!(request.headers['content-type'] ?? '').includes('json')) {
    return Object.fromEntries([...query, ...new URLSearchParams(body)])
  }
  const fields: unknown = JSON.parse(body)
  return Object.fromEntries(
    Object.entries(fields ?? {}).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  )
}
