import { display } from '../../lib/display.ts'
import { parseIpAddress } from '../ip-address.ts'
import { meantPatterns } from './meant-patterns.ts'

/** For an illegal `mx` value: what is wrong with it and, where it can be told, the exact line to write instead. */
export function mxAdvice(value: string): string {
  return `${reason(value)}${suggestion(value)}`
}

function reason(value: string): string {
  const shown = `"${display(value, 80)}"`
  if (value === '.')
    return 'A null MX is not said in the policy: a domain without mail needs no MTA-STS, or "mode: none".'
  if (value === '*' || value === '*.')
    return `${shown} alone is no pattern; write "mx: *.<domain>" or the names of the mail hosts.`
  if (value.startsWith('[') || parseIpAddress(value) !== null)
    return `${shown} is an address; an MX pattern is a host name.`
  if (/[\s,;]/.test(value)) return `${shown} must be one pattern; give each its own "mx:" line.`
  if (/[^\x21-\x7e]/.test(value)) return `${shown} must be written in A-labels (xn--…).`
  if (value.endsWith('.')) return `${shown} must not end with a dot.`
  if (value.startsWith('.')) return `${shown} must not begin with a dot; a wildcard is written "*.".`
  if (value.lastIndexOf('*') > 0 || (value.startsWith('*') && !value.startsWith('*.'))) {
    return `${shown}: "*" may only be the whole left-most label.`
  }
  if (value.includes('://')) return `${shown} is a URL; an MX pattern is a host name.`
  if (value.includes(':')) return `${shown} must not hold a port.`
  if (value.includes('_')) return `${shown}: an underscore is not allowed in a mail host's name.`
  if (value.length > 253)
    return `${shown} is longer than any host name (253 characters); write the real name.`
  return `${shown} is no host name: labels of 1 to 63 letters, digits and inner hyphens, separated by dots; write the mail host as the MX record names it.`
}

function suggestion(value: string): string {
  const lines = meantPatterns(value)
  return lines.length === 0 ? '' : ` Write ${lines.map((line) => `"mx: ${line}"`).join(', then ')}.`
}
