import type { DaneOutcome } from '../check/dane-outcome.ts'
import { display } from '../lib/display.ts'
import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import type { Paint } from './paint.ts'

const WORDS: Readonly<Record<DaneOutcome['verdict'], string>> = {
  authenticated: 'ok',
  'tls-only': 'TLS only',
  refused: 'refused',
  unreachable: 'deferred',
  'not-used': 'not used',
  undecided: 'undecided',
}

/** What senders that do DANE make of each MX host, one line a host. */
export function renderDane(outcomes: readonly DaneOutcome[], paint: Paint): string {
  const lines = outcomes.map(({ host, verdict, detail }) => {
    const name = displayDomainName(display(host) as DomainName)
    return `  ${mark(verdict, paint)} ${'DANE'.padEnd(18)} ${name}: ${WORDS[verdict]} (${display(detail, 160)})`
  })
  return lines.map((line) => `${line}\n`).join('')
}

function mark(verdict: DaneOutcome['verdict'], paint: Paint): string {
  if (verdict === 'authenticated') return paint('green', '✓')
  return verdict === 'refused' || verdict === 'unreachable' ? paint('red', '✗') : paint('dim', '·')
}
