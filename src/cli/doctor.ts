import type { DoctorLine, DoctorState, Machine } from '../app/doctor/doctor-line.ts'
import { DOCTOR_CHECKS, examine } from '../app/doctor/examine.ts'
import { thisMachine } from '../app/doctor/this-machine.ts'
import { openProbe, REAL_WORLD, type World } from '../app/open-probe.ts'
import { openResolver } from '../app/open-resolver.ts'
import { display } from '../lib/display.ts'
import { randomId } from '../lib/id.ts'
import { printableJson } from '../lib/printable-json.ts'
import { type Clock, systemClock } from '../lib/time.ts'
import { parseDomainName } from '../protocol/domain-name.ts'
import { loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'
import { Progress } from './progress.ts'

export interface DoctorRequest {
  readonly configFile: string
  readonly json: boolean
  /** Hosts to try port 25 with; empty: the canaries. */
  readonly smtpHosts: readonly string[]
}

/** What tests put in place of the real thing. */
export interface DoctorSurroundings {
  readonly world: World
  readonly clock: Clock
  readonly machine: Machine
  readonly ca: string | null
}

const REAL: DoctorSurroundings = { world: REAL_WORLD, clock: systemClock, machine: thisMachine, ca: null }

/**
 * `doctor`: can this machine do the job? Beside a running stswatch: neither its lock nor its database is touched. Exit
 * status 0 when nothing is bad, 1 otherwise, 2 for a host that is none, 78 for a broken configuration.
 */
export async function doctorCommand(
  request: DoctorRequest,
  io: Io,
  { world, clock, machine, ca }: DoctorSurroundings = REAL,
): Promise<number> {
  const installation = await loadInstallation(request.configFile, io)
  if (installation === null) return EXIT.config
  const { config, env } = installation
  const smtpHosts = request.smtpHosts.flatMap((host) => parseDomainName(host) ?? [])
  if (smtpHosts.length < request.smtpHosts.length) {
    const wrong = request.smtpHosts.find((host) => parseDomainName(host) === null) ?? ''
    io.err(`stswatch doctor: --smtp "${display(wrong)}" is no host name\n`)
    return EXIT.usage
  }
  const resolver = openResolver(config, clock, world.limits)
  const probe = openProbe(config, resolver, clock, randomId, world)
  const progress = new Progress(io, DOCTOR_CHECKS.length)
  const tools = { config, env, clock, world, resolver, probe, smtpHosts, ca, machine }
  const lines = await examine(DOCTOR_CHECKS, tools, () => progress.advance(1))
  progress.clear()
  const status = lines.some(({ state }) => state === 'bad') ? EXIT.findings : EXIT.ok
  io.out(
    request.json
      ? `${printableJson(JSON.stringify({ status, lines }))}\n`
      : asText(lines, painter(io.terminal), io.columns),
  )
  return status
}

const MARKS: Readonly<Record<DoctorState, readonly [string, Parameters<Paint>[0]]>> = {
  good: ['✓', 'green'],
  warning: ['!', 'yellow'],
  bad: ['✗', 'red'],
  unset: ['-', 'dim'],
}

function asText(lines: readonly DoctorLine[], paint: Paint, columns: number): string {
  const width = Math.max(...lines.map(({ topic }) => topic.length))
  const shown = lines.flatMap(({ topic, state, text, remedy }) => {
    const [mark, style] = MARKS[state]
    const indent = ' '.repeat(width + 4)
    const told = wrap(text, columns, indent).slice(indent.length)
    return [
      `${paint(style, mark)} ${topic.padEnd(width)}  ${told}`,
      ...remedy.map((line) => wrap(`→ ${line}`, columns, indent)),
    ]
  })
  const count = (state: DoctorState) => lines.filter((line) => line.state === state).length
  const verdict = `${count('good')} good, ${count('warning')} to think of, ${count('bad')} wrong, ${count('unset')} not configured`
  return `${[...shown, '', verdict].join('\n')}\n`
}
