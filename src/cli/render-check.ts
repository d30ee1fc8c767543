import { describe } from '../announce/describe.ts'
import { rolloverLine } from '../announce/rollover-words.ts'
import { settlingText } from '../announce/settling-words.ts'
import { instantText } from '../announce/text-time.ts'
import { display } from '../lib/display.ts'
import type { Change } from '../model/change.ts'
import { type Finding, isOpenQuestion, type Judgement } from '../model/finding.ts'
import { displayDomainName } from '../protocol/domain-name.ts'
import type { Checked } from './check.ts'
import type { Io } from './io.ts'
import { type Paint, painter, SEVERITY_MARK, SEVERITY_STYLE, wrap } from './paint.ts'
import { renderDane } from './render-dane.ts'
import { renderLook } from './render-look.ts'
import { renderSupposition } from './render-supposition.ts'

/** A whole look as a person reads it: what was seen, then each finding with its remedy, then one line that sums up. */
export function renderCheck(
  { snapshot, judgement, dane, supposed, changes, rollovers, tookMs }: Checked,
  timezone: string,
  io: Io,
): string {
  const paint = painter(io.terminal)
  const width = Math.min(Math.max(io.columns, 60), 120)
  const head = `${paint('bold', displayDomainName(snapshot.domain))}  ${paint('dim', `looked at ${instantText(snapshot.takenAt, timezone)}, took ${(tookMs / 1000).toFixed(1)} s`)}`
  const findings = [...judgement.findings]
    .sort((a, b) => rank(b) - rank(a))
    .map((finding) => renderFinding(finding, timezone, judgement.observedAt, width, paint))
  const given = supposed === null ? [] : [`${renderSupposition(supposed, snapshot, width, paint)}\n`]
  const coached = rolloverLines(rollovers, timezone, judgement)
  const look = renderLook(snapshot, judgement.observedAt, paint, coached)
  return `${[head, ...given, `${look}${renderDane(dane, paint)}`, ...changeLines(changes, timezone, width, paint), ...findings, ...undecidedLines(judgement, width, paint), sum(judgement, paint)].join('\n')}\n\n`
}

/** What differs from the last look that is remembered, and how long others may still see what was. */
function changeLines(
  changes: readonly Change[],
  timezone: string,
  width: number,
  paint: Paint,
): readonly string[] {
  if (changes.length === 0) return []
  const lines = changes.flatMap(({ summary, settles }) => [
    wrap(display(summary, 1_000), width, '    '),
    ...(settles === null
      ? []
      : [wrap(`${settlingText(settles, (at) => instantText(at, timezone))}.`, width, '    ')]),
  ])
  return [`${[paint('bold', 'Changed since the last look:'), ...lines].join('\n')}\n`]
}

/** By host: how far the change of its key has come. */
function rolloverLines(
  rollovers: Checked['rollovers'],
  timezone: string,
  { observedAt }: Judgement,
): ReadonlyMap<string, string> {
  return new Map(rollovers.map((one) => [one.host, rolloverLine(one, { timezone, now: observedAt })]))
}

/** One finding with its remedy. */
export function renderFinding(
  finding: Finding,
  timezone: string,
  now: number,
  width: number,
  paint: Paint,
): string {
  const { title, seen, impact, remedy, rfc } = describe(finding, { timezone, now })
  const lines = [
    paint(
      [...[SEVERITY_STYLE[finding.severity]].flat(), 'bold'],
      `${SEVERITY_MARK[finding.severity]} ${finding.severity}: ${title}`,
    ),
    wrap(seen, width, '    '),
    ...(impact === null ? [] : [wrap(impact, width, '    ')]),
    ...remedy.map((line, index) =>
      line.kind === 'code'
        ? line.text
            .split('\n')
            .map((code) => `        ${paint('cyan', code)}`)
            .join('\n')
        : wrap(`${index === 0 ? 'Do: ' : ''}${line.text}`, width, '    '),
    ),
    paint('dim', `    ${finding.code}, ${rfc}`),
  ]
  return `${lines.join('\n')}\n`
}

/** What could not be told, once a reason, and what to do when the reason lies on this machine. */
function undecidedLines({ findings, undecided }: Judgement, width: number, paint: Paint): readonly string[] {
  const found = new Set(findings.map(({ code }) => code))
  const open = undecided.filter((one) => isOpenQuestion(one) && !found.has(one.code))
  const reasons = [...new Set(open.map(({ because }) => because.detail))]
  if (reasons.length === 0) return []
  const isOurs = open.some(({ because }) => because.blame !== 'remote')
  const lines = [
    paint('bold', '? We could not find out everything:'),
    ...reasons.map((reason) => wrap(display(reason, 400), width, '    ')),
    ...(isOurs ? [wrap(OWN_TROUBLE, width, '    ')] : []),
  ]
  return [`${lines.join('\n')}\n`]
}

const OWN_TROUBLE =
  'Do: this may be about this machine, not about the domain. See that it resolves names and reaches port 443 and port 25 outside; name another resolver with --resolver 192.0.2.53:53.'

function sum({ findings, undecided }: Judgement, paint: Paint): string {
  const counts = (['critical', 'warning', 'info'] as const)
    .map((severity) => ({
      severity,
      count: findings.filter((finding) => finding.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => paint(SEVERITY_STYLE[severity], `${count} ${severity}`))
  if (counts.length > 0) return counts.join(', ')
  return undecided.some(isOpenQuestion)
    ? paint('yellow', 'Nothing wrong was seen, but not everything could be looked at.')
    : paint('green', 'All is well.')
}

function rank({ severity }: Finding): number {
  return ['info', 'warning', 'critical'].indexOf(severity)
}
