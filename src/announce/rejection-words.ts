import { display } from '../lib/display.ts'
import { DEVIATION_CODES, type DeviationCode, deviationMeaning } from '../protocol/tlsrpt/deviation-codes.ts'

/** Why a report is refused although it could be read. */
const REFUSALS: Readonly<Record<string, string>> = {
  'unknown-domain':
    'none of its policies is about a watched domain; to watch it: stswatch watch add, then stswatch reports reparse',
  'range-too-long': 'it covers more than eight days (RFC 8460 §4.1: one)',
  'range-in-the-future': 'it is about days to come',
  'range-too-old': 'it is about days more than 400 days ago',
  'key-unavailable': 'the key of its signature could not be looked up for three days',
}

/** Why a mail or file was rejected or holds no report, by the code that is stored; one line. */
export function rejectionText(reason: string): string {
  const refusal = REFUSALS[reason]
  if (refusal !== undefined) return refusal
  return isDeviationCode(reason) ? deviationMeaning(reason) : display(reason)
}

function isDeviationCode(code: string): code is DeviationCode {
  return Object.hasOwn(DEVIATION_CODES, code)
}
