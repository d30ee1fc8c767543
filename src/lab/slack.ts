import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Clock, UnixMs } from '../lib/time.ts'
import {
  type SlackArguments,
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

/** A Slack workspace behind the Web API, over plain HTTP on loopback. Any non-empty bearer token is good. */
export class LabSlack implements AsyncDisposable {
  /** What the client takes as its API URL; ends in a slash. */
  readonly url: string
  readonly calls: SlackCall[] = []
  readonly #server: Server
  readonly #workspace = new SlackWorkspace()
  readonly #spell: Spell<SlackTrouble>
  readonly #clock: Clock

  private constructor(server: Server, port: number, trouble: () => SlackTrouble | null, clock: Clock) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}/api/`
    this.#spell = new Spell(trouble, ({ calls }) => calls)
    this.#clock = clock
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
      this.#workspace.call(method, args, this.#clock.now(), invisibleForLooks),
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
