import type { Note } from './deviation.ts'
import type { FailureDetail } from './report.ts'
import {
  elements,
  type Field,
  isJsonObject,
  member,
  memberOrPlaceholder,
  readAddress,
  readCount,
  readHostName,
  readOptionalText,
  readText,
} from './report-fields.ts'
import { TEXT_LIMITS } from './report-limits.ts'
import { isKnownResultType } from './result-type.ts'

/** The failure details of one policy; `total` is its failure count, null when the sender gave none. */
export function readFailureDetails(field: Field, total: number | null, note: Note): readonly FailureDetail[] {
  const entries = elements(field, 'details-not-array', note)
  // A detail without count stands for at least one session; the only one, for all of them.
  const missingCount = entries.length === 1 && total !== null ? total : 1
  return entries.flatMap((entry) => {
    if (isJsonObject(entry.value)) return [readDetail(entry, missingCount, note)]
    note('detail-not-object', entry.where, entry.value)
    return []
  })
}

function readDetail(entry: Field, missingCount: number, note: Note): FailureDetail {
  return {
    resultType: readResultType(member(entry, 'result-type'), note),
    sendingMtaIp: readAddress(member(entry, 'sending-mta-ip'), note),
    receivingMxHostname: readHostName(member(entry, 'receiving-mx-hostname'), note),
    receivingMxHelo: readOptionalText(member(entry, 'receiving-mx-helo'), TEXT_LIMITS.helo, note),
    receivingIp: readAddress(member(entry, 'receiving-ip'), note),
    failedSessions: readCount(member(entry, 'failed-session-count'), note) ?? missingCount,
    additionalInformation: readOptionalText(
      memberOrPlaceholder(entry, 'additional-information', 'additional-info-uri', note),
      TEXT_LIMITS.additionalInformation,
      note,
    ),
    failureReasonCode: readOptionalText(
      member(entry, 'failure-reason-code'),
      TEXT_LIMITS.failureReasonCode,
      note,
    ),
  }
}

/** RFC 8460 §4.3: the list is expected to grow, so an unknown type is kept word for word. */
function readResultType(field: Field, note: Note): string | null {
  const text = readText(field, TEXT_LIMITS.resultType, note)
  if (text === null) {
    note('result-type-missing', field.where)
    return null
  }
  const folded = text.trim().toLowerCase()
  if (!isKnownResultType(folded)) {
    note('result-type-unknown', field.where, text)
    return text
  }
  if (folded !== text) note('result-type-case', field.where, text)
  return folded
}
