import { styleText } from 'node:util'
import type { Severity } from '../model/finding.ts'

type Style = Parameters<typeof styleText>[0]

/** Colours a text, or leaves it alone where colour is not wanted. */
export type Paint = (style: Style, text: string) => string

export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
}

export const SEVERITY_MARK: Readonly<Record<Severity, string>> = { critical: '✗', warning: '!', info: 'i' }

export const SEVERITY_STYLE: Readonly<Record<Severity, Style>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'cyan',
}

/** Breaks text at spaces so that no line is longer than `width`; every line starts with `indent`. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line += line.length > indent.length ? ` ${word}` : word
  }
  return [...lines, line].join('\n')
}
