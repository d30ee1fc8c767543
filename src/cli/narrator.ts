import type { WatchConfig } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import { jsonLogger, type LogFields, type Logger } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import { wallClockMs } from '../lib/zone.ts'
import type { Io } from './io.ts'
import { type Paint, painter } from './paint.ts'

/**
 * What `run` says of its work: JSON lines for a log collector, or, on a terminal, one calm line a check and a progress
 * bar during the first round. Alerts are not its business.
 */
export function narrator(io: Io, clock: Clock, config: Pick<WatchConfig, 'timezone' | 'domains'>): Logger {
  if (!io.terminal) return jsonLogger((line) => io.err(line), clock)
  const firstRound = new Set<string>(config.domains.map(({ name }) => name))
  const of = firstRound.size
  const paint = painter(true)
  const say = (event: string, fields: LogFields = {}, level: 'info' | 'warn' | 'error' = 'info') => {
    const time = new Date(wallClockMs(clock.now(), config.timezone)).toISOString().slice(11, 19)
    if (event === 'check.done' || event === 'check.failed') firstRound.delete(String(fields.domain))
    const bar = firstRound.size > 0 && of > 1 ? progressBar(of - firstRound.size, of) : ''
    io.err(`\r\u001b[K${paint('dim', time)} ${sentence(event, fields, level, paint)}\n${bar}`)
  }
  return {
    info: (event, fields) => say(event, fields),
    warn: (event, fields) => say(event, fields, 'warn'),
    error: (event, fields) => say(event, fields, 'error'),
  }
}

function sentence(event: string, fields: LogFields, level: string, paint: Paint): string {
  if (event === 'check.done') return checkLine(fields, paint)
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key} ${display(Array.isArray(value) ? value.join(', ') : String(value), 400)}`,
  )
  const text = [event, ...rest].join('  ')
  return level === 'info' ? text : paint(level === 'error' ? 'red' : 'yellow', text)
}

function checkLine({ domain, findings, undecided, transitions, tookMs }: LogFields, paint: Paint): string {
  const found = Array.isArray(findings) ? findings.length : 0
  const verdict =
    found > 0
      ? paint(
          'yellow',
          `${found} ${found === 1 ? 'finding' : 'findings'}: ${display((findings as readonly string[]).slice(0, 3).join(', '))}${found > 3 ? ' …' : ''}`,
        )
      : Number(undecided) > 0
        ? paint('dim', 'could not be looked at whole')
        : paint('green', 'well')
  const steps =
    Array.isArray(transitions) && transitions.length > 0 ? paint('dim', `  [${transitions.join(', ')}]`) : ''
  return `${String(domain).padEnd(28)} ${verdict}${steps}${paint('dim', `  ${(Number(tookMs) / 1000).toFixed(1)} s`)}`
}

function progressBar(done: number, of: number): string {
  const width = 30
  const filled = Math.round((done / of) * width)
  return `first round ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${of}`
}
