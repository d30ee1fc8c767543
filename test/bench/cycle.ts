import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { AppOnLab } from './app-on-lab.ts'
import { LabProcess } from './lab-process.ts'
import { costOf, table } from './measure.ts'

const DOMAINS = 1_000
const SHARED_MX = 10
const CYCLES = 3

/** Rounds over many domains on shared mail hosts through the whole App: speed, sessions, memory. */
export async function benchCycle(directory: string): Promise<string> {
  await using lab = await LabProcess.start({ domains: DOMAINS, sharedMx: SHARED_MX })
  await using app = await AppOnLab.open(lab, join(directory, 'cycle.db'))
  const conversations = countConversations()
  const collect = garbageCollector()
  const rows: string[][] = []
  for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
    let looks = 0
    let failed = 0
    const cost = await costOf(async () => {
      ;({ looks, failed } = await app.cycle())
    })
    const { httpsSessions, smtpSessions } = await lab.tally()
    const rss = process.memoryUsage.rss()
    collect()
    rows.push([
      String(cycle),
      String(looks),
      String(failed),
      `${Math.round((looks / cost.wallMs) * 1_000)}/s`,
      `${(cost.cpuMs / looks).toFixed(1)} ms`,
      `${httpsSessions} + ${smtpSessions}`,
      String(conversations.takeMost()),
      megabytes(rss),
      megabytes(process.memoryUsage().heapUsed),
    ])
  }
  const head = ['cycle', 'looks', 'failed', 'domains', 'CPU each', 'HTTPS + SMTP', 'at once', 'RSS', 'heap']
  return `${table(head, rows)}\n${DOMAINS} domains on ${SHARED_MX} shared MX hosts; heap after a collection`
}

function countConversations(): { takeMost(): number } {
  let open = 0
  let most = 0
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: Socket }
    open += 1
    most = Math.max(most, open)
    socket.once('close', () => {
      open -= 1
    })
  })
  return {
    takeMost() {
      const taken = most
      most = open
      return taken
    },
  }
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
