import { mkdirSync, rmSync } from 'node:fs'
import { App } from '../app/app.ts'
import { NO_HEARTBEAT } from '../app/heartbeat.ts'
import { Monitor } from '../app/monitor.ts'
import { openSettings } from '../app/open-settings.ts'
import { readEnv } from '../config/env.ts'
import { parseWatchConfig } from '../config/parse-watch-config.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { type Scene, STORY, STORY_CANARIES, STORY_DOMAINS, storyWorld } from '../lab/story.ts'
import { randomId } from '../lib/id.ts'
import { silentLogger } from '../lib/log.ts'
import { type ManualClock, manualClock } from '../lib/manual-clock.ts'
import { MINUTE_MS, SECOND_MS, systemClock } from '../lib/time.ts'
import { DEFAULT_LIMITS } from '../probe/limits.ts'
import { openStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'

export interface DemoRequest {
  /** Without pauses. */
  readonly fast: boolean
}

const DATABASE = 'data/demo.db'
/** A minute of the story takes this long: the whole of it about two minutes. */
const PACE_MS = 0.6 * SECOND_MS

/** `demo`: plays the story through the whole product: real sockets on loopback, a real database, compressed time. */
export async function demoCommand({ fast }: DemoRequest, io: Io): Promise<number> {
  const paint = painter(io.terminal)
  const clock = manualClock(systemClock.now())
  await using lab = await startLab(storyWorld(), { clock, now: clock.now() })
  await using store = await freshStore()
  const app = openApp(lab, store, clock, demoConfig(lab), io)
  const minutes = STORY.reduce((sum, scene) => sum + scene.minutes, 0)
  io.out(
    `${paint('bold', 'stswatch demo')}: a simulated internet on this machine. ${minutes} minutes pass in ${fast ? 'a moment' : 'about two'}.\n`,
  )
  for (const [index, scene] of STORY.entries()) {
    lab.change((world) => scene.edit(world))
    tellScene(scene, index, clock, io, paint)
    await play(scene, app, clock, fast ? 0 : PACE_MS, io)
  }
  io.out(await epilogue(store, paint))
  return EXIT.ok
}

async function freshStore(): Promise<Store> {
  mkdirSync('data', { recursive: true, mode: 0o700 })
  for (const ending of ['', '-wal', '-shm']) rmSync(`${DATABASE}${ending}`, { force: true })
  return openStore(DATABASE, { owner: true, allowNetworkFilesystem: true, warn: () => {} })
}

function demoConfig(lab: Lab): WatchConfig {
  const text = JSON.stringify({
    domains: STORY_DOMAINS.map((name) => ({ name, expect: 'enforce' })),
    resolvers: [`${lab.dns.host}:${lab.dns.port}`],
    canaries: STORY_CANARIES,
    egress: { allow: ['2001:db8::/32'] },
    ehlo_name: 'monitor.example.com',
  })
  const parsed = parseWatchConfig(text, 'the demo', {
    hostname: 'monitor.example.com',
    now: systemClock.now(),
    lab: false,
  })
  if (!parsed.ok)
    throw new Error(
      `the demo's own configuration is refused: ${parsed.problems.map(({ message }) => message).join('; ')}`,
    )
  return parsed.config
}

function openApp(lab: Lab, store: Store, clock: ManualClock, config: WatchConfig, io: Io): App {
  // The demo speaks to nobody outside: not one variable of this installation is looked at.
  const env = readEnv({})
  if (!env.ok) throw new Error('an empty environment is refused')
  const opened = openSettings(config, env.value, {
    clock,
    newId: randomId,
    world: { route: lab.route, roots: [lab.caPem], limits: DEFAULT_LIMITS },
    console: { write: (text) => io.out(text), colour: io.terminal },
    onSigning: () => {},
    smtpCa: lab.caPem,
    isDrill: false,
    notice: () => {},
  })
  if (!opened.ok) throw new Error(opened.problems.join('; '))
  const grouping = { groupWaitMs: 0, groupIntervalMs: 0 }
  return new App(
    {
      store,
      monitor: new Monitor(clock),
      clock,
      newId: randomId,
      random: Math.random,
      log: silentLogger,
      heartbeat: NO_HEARTBEAT,
      grouping,
    },
    opened.settings,
  )
}

function tellScene(
  { title, narration }: Scene,
  index: number,
  clock: ManualClock,
  io: Io,
  paint: Paint,
): void {
  const time = new Date(clock.now()).toISOString().slice(11, 16)
  io.out(
    `\n${paint('bold', `── ${index + 1} of ${STORY.length}, ${time} UTC: ${title} ──`)}\n${paint('dim', wrap(narration, Math.min(io.columns, 110), '   '))}\n\n`,
  )
}

/** Lets the minutes of a scene pass; after each, all that is due is done. */
async function play(scene: Scene, app: App, clock: ManualClock, paceMs: number, io: Io): Promise<void> {
  const signal = new AbortController().signal
  for (let minute = 0; minute < scene.minutes; minute += 1) {
    await app.settle(signal)
    await clock.advance(MINUTE_MS)
    if (io.terminal) io.err(`\r\u001b[K${new Date(clock.now()).toISOString().slice(11, 16)} UTC`)
    await systemClock.sleep(paceMs)
    if (io.terminal) io.err('\r\u001b[K')
  }
  await app.settle(signal)
}

async function epilogue(store: Store, paint: Paint): Promise<string> {
  const incidents = (await store.incidents.recent(100)).filter(({ phase }) => phase.name === 'resolved')
  const first = incidents[0]
  return [
    `\n${paint('bold', 'The end.')} ${incidents.length} incidents opened, were told once, and resolved. Where to look next:\n`,
    `   DATABASE_FILE=${DATABASE} npx stswatch history example.com    what changed, and until when senders may hold each policy`,
    `   DATABASE_FILE=${DATABASE} npx stswatch incidents --all        the incidents you have just seen`,
    ...(first === undefined
      ? []
      : [`   DATABASE_FILE=${DATABASE} npx stswatch explain ${first.id}    the evidence of one of them`]),
    `   npx stswatch check example.org                                  a look at the real internet`,
    `   config/watch.yaml, then npm start                               watch your own domains`,
    '',
  ].join('\n')
}
