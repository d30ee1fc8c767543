import { err, ok, type Result } from '../lib/result.ts'
import type { UnixMs } from '../lib/time.ts'
import type { FindingCode } from '../model/finding.ts'
import { FINDING_CODES } from '../model/finding-codes.ts'
import type { Silence } from '../model/silence.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'

/**
 * Which findings a silence is about: `CODE`, `WHO` or `CODE@WHO`, where CODE is a finding code or the beginning of some
 * (`mx.certificate.*`), and WHO a domain, all below one (`*.example.com`) or a tag (`#customer-a`). `*` is everything.
 */
export interface SilencePattern {
  /** Null: any code. */
  readonly code: { readonly text: string; readonly isPrefix: boolean } | null
  /** Null: any domain, and the monitor itself. */
  readonly who: Who | null
}

type Who =
  | { readonly kind: 'domain'; readonly name: DomainName }
  | { readonly kind: 'below'; readonly name: DomainName }
  | { readonly kind: 'tag'; readonly tag: string }

/** What is asked whether it is silenced. */
export interface SilenceTarget {
  /** Null: changes, which have no code; only patterns without one silence them. */
  readonly code: FindingCode | null
  /** Null: the monitor itself. */
  readonly domain: DomainName | null
  readonly tags: readonly string[]
}

const HOW =
  'write a finding code (mx.certificate.expired), a beginning of codes (mx.certificate.*), a domain (example.com), all below one (*.example.com), a tag (#customer-a), or code@domain'

/** Reads a pattern; the error is a sentence that says what one looks like. */
export function parseSilencePattern(text: string): Result<SilencePattern, string> {
  if (text === '*') return ok({ code: null, who: null })
  // A tag may hold an @: what follows the # is the tag.
  const at = text.startsWith('#') ? -1 : text.indexOf('@')
  if (at !== -1) {
    const code = parseCode(text.slice(0, at))
    const who = parseWho(text.slice(at + 1))
    return code === null || who === null ? err(HOW) : ok({ code, who })
  }
  const code = parseCode(text)
  if (code !== null) return ok({ code, who: null })
  const who = parseWho(text)
  return who === null ? err(HOW) : ok({ code: null, who })
}

function parseCode(text: string): SilencePattern['code'] {
  const isPrefix = text.endsWith('.*')
  const start = isPrefix ? text.slice(0, -1) : text
  const known = FINDING_CODES.some((code) => (isPrefix ? code.startsWith(start) : code === start))
  return known ? { text: start, isPrefix } : null
}

function parseWho(text: string): Who | null {
  if (text.startsWith('#')) return text.length > 1 ? { kind: 'tag', tag: text.slice(1) } : null
  const below = text.startsWith('*.')
  const name = parseDomainName(below ? text.slice(2) : text)
  if (name?.includes('.') !== true) return null
  return below ? { kind: 'below', name } : { kind: 'domain', name }
}

/** Does the pattern name this target? */
export function matchesSilence({ code, who }: SilencePattern, target: SilenceTarget): boolean {
  return (code === null || isCode(code, target.code)) && (who === null || isWho(who, target))
}

function isCode({ text, isPrefix }: NonNullable<SilencePattern['code']>, code: FindingCode | null): boolean {
  return code !== null && (isPrefix ? code.startsWith(text) : code === text)
}

function isWho(who: Who, { domain, tags }: SilenceTarget): boolean {
  switch (who.kind) {
    case 'domain':
      return domain === who.name
    case 'below':
      return domain?.endsWith(`.${who.name}`) === true
    case 'tag':
      return tags.includes(who.tag)
  }
}

/** The silence that holds for this target at this instant and lasts longest; null when none does. */
export function silenceOf(target: SilenceTarget, silences: readonly Silence[], now: UnixMs): Silence | null {
  const holding = silences.filter(({ pattern, until }) => {
    const parsed = parseSilencePattern(pattern)
    return now < until && parsed.ok && matchesSilence(parsed.value, target)
  })
  return holding.reduce<Silence | null>(
    (longest, next) => (longest === null || next.until > longest.until ? next : longest),
    null,
  )
}
