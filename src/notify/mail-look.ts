import type { Severity } from '../model/finding.ts'

/** What a mail is about, in one colour. */
export type Tone = Severity | 'resolved'

/**
 * Colours by role. Those of `LIGHT` stand inline, because some clients read nothing else; they are dark enough for white
 * and, inverted by a client, light enough for black. `DARK` replaces them where the client asks for it.
 */
export const LIGHT = {
  page: '#f2f4f7',
  card: '#ffffff',
  ink: '#1c2530',
  dim: '#5b6675',
  line: '#e1e5ea',
  code: '#f4f6f8',
  added: '#1b6e35',
  removed: '#b3261e',
} as const

const DARK: Readonly<Record<keyof typeof LIGHT, string>> = {
  page: '#0d1117',
  card: '#171c23',
  ink: '#e7eaee',
  dim: '#9da7b3',
  line: '#2c343e',
  code: '#0f141a',
  added: '#85d69b',
  removed: '#ff9d94',
}

export const TONE: Readonly<Record<Tone, string>> = {
  critical: '#c5221f',
  warning: '#b45309',
  info: '#1a5fd0',
  resolved: '#1e7b34',
}

const DARK_TONE: Readonly<Record<Tone, string>> = {
  critical: '#ff8a80',
  warning: '#fdb55b',
  info: '#8ab4f8',
  resolved: '#7fd192',
}

export const FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
export const MONO = "Consolas,Menlo,'DejaVu Sans Mono',monospace"

/** The style sheet of every mail: dark colours, phones, and no links made of our names by a client. */
export function styleSheet(tone: Tone): string {
  return `:root{color-scheme:light dark;supported-color-schemes:light dark}
body{margin:0;padding:0;width:100%;-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%}
table{border-collapse:collapse}
img{border:0;display:block;max-width:100%;height:auto}
a{color:inherit;text-decoration:none}
@media (max-width:480px){.pad{padding-left:18px!important;padding-right:18px!important}.edge{padding:0!important}.name{font-size:21px!important;line-height:27px!important}}
@media (prefers-color-scheme:dark){${darkRules('', tone)}.chart{filter:invert(1) hue-rotate(180deg)}}`
}

/** Outlook on the web and in its apps marks what it has recoloured; kept apart, since a client that dislikes it drops all. */
export function outlookStyleSheet(tone: Tone): string {
  return darkRules('[data-ogsc] ', tone)
}

function darkRules(scope: string, tone: Tone): string {
  const rule = (name: string, property: string, colour: string) =>
    `${scope}.${name}{${property}:${colour}!important}`
  return [
    rule('page', 'background-color', DARK.page),
    rule('card', 'background-color', DARK.card),
    rule('code', 'background-color', DARK.code),
    rule('line', 'border-color', DARK.line),
    rule('ink', 'color', DARK.ink),
    rule('dim', 'color', DARK.dim),
    rule('added', 'color', DARK.added),
    rule('removed', 'color', DARK.removed),
    rule('tone', 'color', DARK_TONE[tone]),
    ...Object.entries(DARK_TONE).map(([name, colour]) => rule(name, 'color', colour)),
  ].join('')
}
