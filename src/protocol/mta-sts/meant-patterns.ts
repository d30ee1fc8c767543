import { domainToASCII } from 'node:url'
import { parseIpAddress } from '../ip-address.ts'
import { isLegalMxPattern } from './mx-match.ts'

/** Of a list that somebody wrote in one line. */
const MOST = 8

/** The patterns that an `mx` value was probably meant to be, each fit for a line of its own; none where it cannot be told. */
export function meantPatterns(value: string): readonly string[] {
  const candidates = [
    value.replace(/\.$/, ''),
    `*${value}`,
    value.replace(/^[a-z]+:\/\//i, '').replace(/[:/].*$/s, ''),
    /[^\x00-\x7f]/.test(value) ? value.replace(/[^*.]+/g, (label) => domainToASCII(label)) : '',
  ]
  const list = value.split(/[\s,;]+/).filter((part) => part !== '')
  const lines = list.length > 1 ? list : candidates.filter(isUsable).slice(0, 1)
  return lines.length <= MOST && lines.every(isUsable) ? lines : []
}

function isUsable(pattern: string): boolean {
  return isLegalMxPattern(pattern) && pattern.includes('.') && parseIpAddress(pattern) === null
}
