import { describe } from '../announce/describe.ts'
import { policyUrl } from '../announce/words.ts'
import { systemClock } from '../lib/time.ts'
import { childName, displayDomainName } from '../protocol/domain-name.ts'
import type { Io } from './io.ts'
import { type Paint, painter, wrap } from './paint.ts'
import type { ToldPolicy } from './policy-generate.ts'

const INDENT = '    '

/** What to serve and what to publish, in the order in which it is safe. */
export function renderGenerated(told: ToldPolicy, timezone: string, io: Io): string {
  const paint = painter(io.terminal)
  const width = Math.min(Math.max(io.columns, 60), 120)
  const { made, written } = told
  const [stsRecord = '', ...others] = made.records
  const sections = [
    head(told, width, paint),
    ...warnings(told, timezone, width, paint),
    section('1. Serve this file:', [policyUrl(made.domain)], paint),
    made.policy
      .split('\r\n')
      .slice(0, -1)
      .map((line) => `${INDENT}${paint('cyan', line)}\n`)
      .join(''),
    `${wrap(serving(made.domain), width, '   ')}\n`,
    section('2. Once every address of that host serves it, publish:', [stsRecord], paint),
    ...others.map((line) => section('3. So that senders report what they meet, publish:', [line], paint)),
    `${wrap(NEXT, width, '')}\n`,
    ...(written.length === 0 ? [] : [`Written: ${written.join(', ')}\n`]),
  ]
  return sections.join('\n')
}

const NEXT =
  'The id is made from the text. Whenever the text changes, its id changes: make it anew, or run stswatch policy lint on the file that you serve.'

function head({ made }: ToldPolicy, width: number, paint: Paint): string {
  const hosts = made.hosts.map((host) => displayDomainName(host)).join(', ')
  const whose = hosts === '' ? 'a domain without mail hosts' : `its MX hosts: ${hosts}`
  const text = `Policy of ${displayDomainName(made.domain)}, mode ${made.mode}, for ${whose}`
  return `${paint('bold', wrap(text, width, ''))}\n`
}

function warnings({ made, failing, unseen }: ToldPolicy, timezone: string, width: number, paint: Paint) {
  const context = { timezone, now: systemClock.now() }
  const cost = made.mode === 'enforce' ? 'Senders would not deliver there.' : 'Mend it before mode enforce.'
  return [
    ...failing.map(
      (finding) => `${paint('yellow', wrap(`! ${describe(finding, context).title}. ${cost}`, width, ''))}\n`,
    ),
    ...(unseen.length === 0
      ? []
      : [
          `${paint('yellow', wrap(`? No answer on port 25 from ${unseen.join(', ')}: nothing is known of STARTTLS and certificate there.`, width, ''))}\n`,
        ]),
  ]
}

function serving(domain: ToldPolicy['made']['domain']): string {
  const host = childName('mta-sts', domain)
  return `Status 200 without redirect, Content-Type text/plain, a certificate for ${host} that browsers accept, lines ended by CRLF or LF and no blank line at the end.`
}

function section(title: string, lines: readonly string[], paint: Paint): string {
  return `${title}\n\n${lines.map((line) => `${INDENT}${paint('cyan', line)}\n`).join('')}`
}
