/** Numbers as summaries write them: "12,345", "3 domains", "0.4 %". */

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

export function numberText(count: number): string {
  return WHOLE.format(count)
}

/** "1 domain", "12 domains". */
export function countText(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** "0.4 %": never 0 for something, never 100 for less than all. */
export function shareText(part: number, whole: number): string {
  if (part <= 0 || whole <= 0) return '0 %'
  if (part >= whole) return '100 %'
  const percent = (100 * part) / whole
  if (percent < 0.1) return 'less than 0.1 %'
  return `${Math.min(99.9, percent).toFixed(1).replace(/\.0$/, '')} %`
}

/** "a, b and 12 more" */
export function namesText(names: readonly string[], total: number): string {
  const hidden = total - names.length
  if (hidden > 0) return `${names.join(', ')} and ${numberText(hidden)} more`
  const [last, ...others] = [...names].reverse()
  return others.length === 0 ? (last ?? '') : `${others.reverse().join(', ')} and ${last}`
}
