import { display } from '../lib/display.ts'
import type { Problem } from './problem.ts'

/** What tells the two TXT records of our standards apart. */
export interface RecordDialect {
  /** `v=STSv1`: the text a record begins with, before the semicolon. */
  readonly version: string
  /** The field that must be there: `id`, `rua`. */
  readonly required: string
  /** `_mta-sts`, where the record belongs. */
  readonly owner: string
  /** `MTA-STS`, as people call it. */
  readonly standard: string
  /** The section with the grammar and the selection rule. */
  readonly rfc: string
}

/** The one usable record of a TXT answer, with its 1-based place in it. */
export interface SelectedRecord {
  readonly text: string
  readonly line: number
}

export interface Selection {
  /** Null when there is not exactly one; `problems` then holds an error. */
  readonly record: SelectedRecord | null
  readonly problems: readonly Problem[]
}

/**
 * Applies the selection rule of RFC 8461 §3.1 and RFC 8460 §3 to a TXT answer: records that do not begin with the version
 * and a semicolon are discarded, and exactly one must be left. Discarded records are explained: as an error when nothing
 * is left, otherwise as a warning (foreign) or info (meant for us, but out of the game).
 */
export function selectRecord(records: readonly string[], dialect: RecordDialect): Selection {
  const numbered = records.map((text, index) => ({ text, line: index + 1 }))
  const kept = numbered.filter(({ text }) => text.startsWith(`${dialect.version};`))
  if (kept.length > 1) return { record: null, problems: [multiple(kept, dialect)] }

  const record = kept[0] ?? null
  const problems = numbered
    .filter((candidate) => candidate !== record)
    .map((discarded) => explainDiscarded(discarded, record !== null, dialect))
  if (record !== null || problems.some(({ severity }) => severity === 'error')) return { record, problems }
  return { record, problems: [missing(records.length, dialect), ...problems] }
}

function missing(count: number, { version, owner, standard, rfc }: RecordDialect): Problem {
  const found =
    count === 0 ? 'There is no TXT record' : `None of the TXT records found (${count}) is for ${standard}`
  const message = `${found}: publish exactly one at ${owner}.<domain> that begins with "${version};".`
  return { code: 'record-missing', severity: 'error', line: null, message, rfc }
}

function multiple(kept: readonly SelectedRecord[], { version, standard, rfc }: RecordDialect): Problem {
  const texts = kept.map(({ text }) => `"${display(text, 80)}"`).join(' and ')
  const message =
    `${kept.length} records begin with "${version};", so senders act as if there were no ${standard}. ` +
    `Keep one and delete the rest: ${texts}.`
  return { code: 'multiple-records', severity: 'error', line: null, message, rfc }
}

function explainDiscarded(
  { text, line }: SelectedRecord,
  oneIsLeft: boolean,
  dialect: RecordDialect,
): Problem {
  const miss = nearMiss(text, dialect)
  const shown = `"${display(text, 80)}"`
  if (miss === null) {
    const message = `The TXT record ${shown} has nothing to do with ${dialect.standard}; senders skip it, but some readers stumble. Remove it from ${dialect.owner}.<domain> (a wildcard TXT record may be the cause).`
    return { code: 'record-unrelated', severity: 'warning', line, message, rfc: dialect.rfc }
  }
  const [code, reason, fix] = miss
  // Mended beside a good one, it would make two, and senders would act as if there were none.
  const advice = oneIsLeft ? `delete it from ${dialect.owner}.<domain>, for another record is in use.` : fix
  const severity = oneIsLeft ? 'info' : 'error'
  return { code, severity, line, message: `Senders discard ${shown}: ${reason}; ${advice}`, rfc: dialect.rfc }
}

type NearMiss = readonly [code: string, reason: string, fix: string]

/** Where the records of each standard belong. */
const OWNERS = { sts: '_mta-sts', tlsrpt: '_smtp._tls', dmarc: '_dmarc' } as const

/** How a record that was meant for this standard fails to begin as it must; null when it was not meant for it. */
function nearMiss(text: string, dialect: RecordDialect): NearMiss | null {
  const { version, required } = dialect
  const family = version.slice(0, -1)
  const rewrite = `begin it with "${version};".`
  if (text.startsWith(version)) return afterVersion(text.slice(version.length), dialect)
  if (text.startsWith(family)) return ['version-unsupported', `only "${version}" is defined`, rewrite]
  if (text.trimStart().startsWith(family)) {
    return [
      'version-leading-space',
      `nothing may stand before "${version}"`,
      'remove the white space or invisible mark.',
    ]
  }
  if (/^["']+v=/.test(text)) {
    return [
      'version-quoted',
      'the quotation marks are part of the published data (or of the tool output it was copied from)',
      'remove them.',
    ]
  }
  const folded = text.toLowerCase()
  if (folded.startsWith(version.toLowerCase())) {
    return ['version-case', 'the version is case-sensitive', rewrite]
  }
  if (folded.replace(/^[ \t]*v[ \t]*=[ \t]*/, 'v=').startsWith(family.toLowerCase())) {
    return ['version-spaces', 'no white space may stand round "="', rewrite]
  }
  if (text.includes(version)) return ['version-not-first', 'the version must come first', rewrite]
  if (folded.startsWith(`${required}=`)) return ['version-missing', 'the version is missing', rewrite]
  return otherStandard(folded, dialect)
}

function otherStandard(folded: string, { version, owner, standard }: RecordDialect): NearMiss | null {
  const [, name] = /^v=(?:mta-?)?(sts|tlsrpt|dmarc)/.exec(folded.replace('tls-rpt', 'tlsrpt')) ?? []
  if (name === undefined) return null
  const home = OWNERS[name as keyof typeof OWNERS]
  if (home === owner)
    return ['version-unsupported', `only "${version}" is defined`, `begin it with "${version};".`]
  const fix = `move it to ${home}.<domain> and publish one here that begins with "${version};".`
  return ['version-foreign', `this is a record of another standard, not of ${standard}`, fix]
}

function afterVersion(rest: string, { version, rfc }: RecordDialect): NearMiss {
  if (/^[ \t]+;/.test(rest)) {
    // spec: the grammar allows white space here, the selection rule does not (erratum 6285 to RFC 8461).
    return [
      'version-space',
      `the grammar allows white space before the first semicolon, but the selection rule of ${rfc} wants "${version};"`,
      'remove the white space.',
    ]
  }
  if (rest.startsWith('\\;')) {
    return [
      'version-escaped',
      'the backslashes are part of the published data',
      'write ";" instead of "\\;".',
    ]
  }
  if (/^[0-9]/.test(rest))
    return ['version-unsupported', `only "${version}" is defined`, `begin it with "${version};".`]
  return ['version-delimiter', 'a semicolon must follow the version', `begin it with "${version};".`]
}
