import type { YamlPath, YamlSource } from './yaml.ts'

/** Finds what looks like a secret in the watch list, where none may stand (S43), without ever quoting it. */

// Every quantifier is bounded or begins at one place only: a line may be a million characters long.
// Slack tokens and hooks, PEM blocks, URLs with a password in them, keys in Base64 (DER).
const SECRET_VALUE =
  /xox[a-z]-\S*|xapp-\S*|https?:\/\/hooks\.slack\.com\S*|-----BEGIN.*|[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/@"':]*:[^\s/"']*@\S*|(?<![a-z0-9+/=])M[CGHI][a-z0-9+/=]{58}[a-z0-9+/=]*/gi
const SECRET_KEY =
  /(?:^|_)(?:password|passwd|passphrase|pass|pwd|token|secret|key|apikey|credentials?|auth|dsn|url|uri|webhook)$/

const ANY_KEY = /(?<![\w-])([A-Za-z][\w-]{0,63})["']?\s*:/g

export interface SecretSighting {
  readonly path: YamlPath
  readonly message: string
}

/** Keys with a literal that has no business in this file. */
export function secretKeys(source: YamlSource): readonly SecretSighting[] {
  return [...source.literals()]
    .filter(({ key, value }) => isSecretKey(key) || (key === 'url_env' && value.includes('://')))
    .map(({ key, path }) => ({ path, message: adviceFor(key) }))
}

/** Where text that looks like a secret begins, comments included: 1-based lines and columns, one a line. */
export function secretTexts(
  lines: readonly string[],
): readonly { readonly line: number; readonly column: number; readonly message: string }[] {
  return lines.flatMap((text, index) => {
    const at = text.search(SECRET_VALUE)
    return at === -1 ? [] : [{ line: index + 1, column: at + 1, message: adviceFor('') }]
  })
}

/** The 1-based numbers of lines that no message may quote: generous on purpose. */
export function secretLines(lines: readonly string[]): ReadonlySet<number> {
  const hidden = new Set<number>()
  let inPem = false
  let under: number | null = null
  for (const [index, line] of lines.entries()) {
    const indent = line.length - line.trimStart().length
    if (under !== null && line.trim() !== '' && indent <= under) under = null
    const begins = line.includes('-----BEGIN')
    const keys = [...line.matchAll(ANY_KEY)].map((match) => match[1] ?? '')
    const named = keys.some((key) => isSecretKey(key) || (key === 'url_env' && line.includes('://')))
    if (named && under === null) under = indent
    if (begins || inPem || under !== null || line.search(SECRET_VALUE) !== -1) hidden.add(index + 1)
    inPem = (inPem || begins) && !line.includes('-----END')
  }
  return hidden
}

/** The text with everything that looks like a secret taken out: the last door before a message leaves. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRET_VALUE, '[not shown]')
}

function isSecretKey(key: string): boolean {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_')
  // A public key, or where one is.
  return words.toLowerCase() !== 'next_key' && SECRET_KEY.test(words.toLowerCase())
}

function adviceFor(key: string): string {
  if (/url|uri|webhook/i.test(key)) {
    return 'a URL can be a secret and none may stand in this file; put it into an environment variable (.env) such as ALERT_WEBHOOK_URL and name that: url_env: ALERT_WEBHOOK_URL'
  }
  return 'this looks like a secret, and none may stand in this file; put it into the environment (.env; see .env.example) and, since it has been written down, replace it by a new one'
}
