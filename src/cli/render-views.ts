import { quirkWords } from '../announce/quirk-words.ts'
import type { SenderView } from '../check/sender-views.ts'
import { type Paint, wrap } from './paint.ts'
import { cell, renderTable } from './table.ts'

const EFFECT = { refuses: 'refuses it', otherwise: 'reads it otherwise', reads: 'reads it' } as const
const MOST_REASONS = 4

/** What the known programs do with a text: those that refuse or misread it one a line, the rest in one sentence. */
export function renderViews(
  views: readonly SenderView[],
  isValid: boolean,
  width: number,
  paint: Paint,
): string {
  const told = views.filter(({ outcome }) => outcome !== 'reads')
  const quiet = views.filter(({ outcome }) => outcome === 'reads').map(nameOf)
  const rest = isValid ? 'read it as it is meant' : 'read it all the same'
  const rows = told.map((view) => [
    cell(`    ${nameOf(view)}`),
    cell(EFFECT[view.outcome], view.outcome === 'refuses' && view.reader.sends ? 'red' : 'yellow'),
    cell(reasons(view)),
  ])
  return [
    `${paint('bold', `  How known programs read it: ${summary(views)}`)}\n`,
    rows.length === 0 ? '' : renderTable(rows, Math.max(width, 100), paint),
    quiet.length === 0 ? '' : `${wrap(`${list(quiet)} ${rest}.`, width, '    ')}\n`,
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

function nameOf({ reader }: SenderView): string {
  return reader.sends ? reader.name : `${reader.name} (a checking tool)`
}

function reasons({ because }: SenderView): string {
  const words = because.map(({ quirk, line, reads }) => {
    const where = line === null ? '' : ` (line ${line})`
    return `${quirkWords(quirk)}${where}${reads === null ? '' : `: ${reads}`}`
  })
  const unique = [...new Set(words)]
  const rest = unique.length - MOST_REASONS
  return `${unique.slice(0, MOST_REASONS).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
