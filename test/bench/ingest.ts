import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DAY_MS, systemClock } from '../../src/lib/time.ts'
import { Dovecot } from '../interop/servers/dovecot.ts'
import { reportMails, SENDER_KEY } from './ingest-mails.ts'
import { MAILS, PASSWORD } from './ingest-setting.ts'
import { type Cost, median, table } from './measure.ts'

const ROUNDS = 5

type Who = 'reader' | 'bare'

interface Run extends Cost {
  /** Highest RSS in bytes. */
  readonly peak: number
}

/** From a mailbox of a real Dovecot to committed rows: the whole reader beside a bare loop over the same mails. */
export async function benchIngest(directory: string): Promise<string> {
  await using dovecot = await Dovecot.start({ identity: null, password: PASSWORD, settings: [] })
  const size = deliver(dovecot)
  const runs: Record<Who, Run[]> = { reader: [], bare: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const who of ['bare', 'reader'] as const) {
      runs[who].push(await run(who, dovecot, join(directory, `${who}-${round}.db`)))
    }
  }
  const wall = (who: Who) => median(runs[who].map(({ wallMs }) => wallMs))
  const row = (name: string, who: Who) => [
    name,
    `${(wall(who) / 1_000).toFixed(2)} s`,
    `${Math.round(MAILS / (wall(who) / 1_000))}/s`,
    `${(median(runs[who].map(({ cpuMs }) => cpuMs)) / MAILS).toFixed(2)} ms`,
    `${Math.round(Math.max(...runs[who].map(({ peak }) => peak)) / 1e6)} MB`,
    `${(wall(who) / wall('bare')).toFixed(2)} ×`,
  ]
  return [
    table(
      [`${MAILS} mails from Dovecot`, 'median wall', 'mails', 'CPU each', 'peak RSS', 'of bare'],
      [row('bare loop', 'bare'), row('reader, to committed rows', 'reader')],
    ),
    `mails of ${size} bytes on average, signed with RSA-2048; ${ROUNDS} runs of each in turn, each a process of its own`,
  ].join('\n')
}

/** Gives the average size of a mail in bytes. */
function deliver(dovecot: Dovecot): number {
  const yesterday = systemClock.now() - (systemClock.now() % DAY_MS) - DAY_MS
  let bytes = 0
  for (const { text, arrivedAt } of reportMails(MAILS, yesterday)) {
    bytes += text.length
    dovecot.deliver([text], 'INBOX', arrivedAt)
  }
  return Math.round(bytes / MAILS)
}

async function run(who: Who, dovecot: Dovecot, file: string): Promise<Run> {
  const script = join(import.meta.dirname, 'ingest-child.ts')
  const child = fork(script, [who, String(dovecot.plain.port), SENDER_KEY.p, file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const [told] = await Promise.race([once(child, 'message'), gone.then(() => [null])])
  const [status] = await gone
  if (status !== 0 || told === null) throw new Error(`${who}: exit status ${status}`)
  return told as Run
}
