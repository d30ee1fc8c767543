import { quirkWords } from '../announce/quirk-words.ts'
import type { SenderView } from '../check/sender-views.ts'
import { type Paint, wrap } from './paint.ts'
import { cell, renderTable } from './table.ts'

const MOST_LINES = 3
const REFUSED = 'refused'

/**
 * What the known programs do with a text: those that refuse or misread it one a line, the others in one sentence, then
 * what of the text it is about.
 */
export function renderViews(
  views: readonly SenderView[],
  isValid: boolean,
  width: number,
  paint: Paint,
): string {
  const rows = views
    .filter(({ outcome }) => outcome !== 'reads')
    .map((view) => [cell(`    ${nameOf(view)}`), effect(view)])
  const quiet = views.filter(({ outcome }) => outcome === 'reads').map(nameOf)
  const rest = isValid ? 'read it as it is meant' : 'read it all the same'
  return [
    `${paint('bold', `  How known programs read it: ${summary(views)}`)}\n`,
    rows.length === 0 ? '' : renderTable(rows, width, paint),
    quiet.length === 0 ? '' : `${wrap(`${list(quiet)} ${rest}.`, width, '    ')}\n`,
    ...reasons(views).map((line) => `${wrap(line, width, '    ')}\n`),
  ].join('')
}

/** "refused by 3 of 8 senders" */
function summary(views: readonly SenderView[]): string {
  const senders = views.filter(({ reader }) => reader.sends)
  const refusing = senders.filter(({ outcome }) => outcome === 'refuses').length
  const misreading = senders.filter(({ outcome }) => outcome === 'otherwise').length
  const parts = [
    ...(refusing > 0 ? [`refused by ${refusing} of ${senders.length} senders`] : []),
    ...(misreading > 0 ? [`misread by ${misreading} of ${senders.length}`] : []),
  ]
  return parts.length === 0 ? `all ${senders.length} senders read it` : parts.join(', ')
}

function effect({ outcome, because, reader }: SenderView) {
  if (outcome === 'refuses') return cell('refuses it', reader.sends ? 'red' : 'yellow')
  const reads = [...new Set(because.flatMap((reason) => reason.reads ?? []))]
  return cell(reads.join('; '), 'yellow')
}

function nameOf({ reader }: Pick<SenderView, 'reader'>): string {
  return reader.sends ? reader.name : `${reader.name} (a checking tool)`
}

/** "Because of a blank line (line 5): mox and maddy refuse it", by what comes first in the text. */
function reasons(views: readonly SenderView[]): readonly string[] {
  const found = new Map<string, Found>()
  for (const { reader, because } of views) {
    for (const { quirk, line, reads } of because) {
      const known = found.get(quirk) ?? { lines: new Set(), effects: new Map() }
      if (line !== null) known.lines.add(line)
      const effect = reads ?? REFUSED
      known.effects.set(effect, (known.effects.get(effect) ?? new Set()).add(nameOf({ reader })))
      found.set(quirk, known)
    }
  }
  return [...found]
    .toSorted(([, a], [, b]) => firstLine(a) - firstLine(b))
    .map(([quirk, one]) => told(quirk, one, views.length))
}

interface Found {
  readonly lines: Set<number>
  /** By what is done: the names. */
  readonly effects: Map<string, Set<string>>
}

function firstLine({ lines }: Found): number {
  return lines.values().reduce((first, line) => Math.min(first, line), Number.MAX_SAFE_INTEGER)
}

function told(quirk: string, { lines, effects }: Found, all: number): string {
  const refusedFirst = [...effects].toSorted(([a], [b]) => Number(b === REFUSED) - Number(a === REFUSED))
  const whom = refusedFirst.map(([effect, names]) => {
    const who = names.size === all ? 'all' : list([...names])
    return effect === REFUSED ? `refused by ${who}` : `${who}: ${effect}`
  })
  return `• ${quirkWords(quirk)}${lineList([...lines].toSorted((a, b) => a - b))}: ${whom.join('; ')}`
}

function lineList(lines: readonly number[]): string {
  if (lines.length === 0) return ''
  const rest = lines.length - MOST_LINES
  const shown = lines.slice(0, MOST_LINES).join(', ')
  return ` (line${lines.length > 1 ? 's' : ''} ${shown}${rest > 0 ? ` and ${rest} more` : ''})`
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
