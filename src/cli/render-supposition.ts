import { display } from '../lib/display.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Supposition } from '../model/supposition.ts'
import { childName, displayDomainName } from '../protocol/domain-name.ts'
import { type Paint, wrap } from './paint.ts'

const INDENT = '    '

/** Says plainly that the world below is not the one that is published, and what was taken as given. */
export function renderSupposition(
  supposition: Supposition,
  snapshot: Snapshot,
  width: number,
  paint: Paint,
): string {
  const lines = [...supposed(supposition, snapshot), ...notes(supposition, snapshot)]
  const head = paint(
    ['yellow', 'bold'],
    'WHAT IF: this world is not published. Supposed, in the place of what is there:',
  )
  return [
    head,
    ...lines.map((line) => wrap(line, width, INDENT)),
    `${INDENT}All else was looked at. Nothing of this is stored.`,
  ].join('\n')
}

function supposed(
  { policy, stsRecord: given, mx, tlsa, domain }: Supposition,
  { stsRecord }: Snapshot,
): readonly string[] {
  const record = stsRecord.outcome === 'seen' ? (stsRecord.value.records[0] ?? '') : ''
  const policyHost = displayDomainName(childName('mta-sts', domain))
  return [
    ...(policy === null
      ? []
      : [`policy: ${display(policy.from)}, as if ${policyHost} served it without fault`]),
    ...(policy === null && given === null ? [] : [`_mta-sts: "${display(record, 120)}"`]),
    ...(mx === null
      ? []
      : [`MX: ${mx.map(({ preference, exchange }) => `${preference} ${exchange}`).join(', ')}`]),
    ...tlsa.map(
      ({ host, rdata }) =>
        `TLSA of ${host ?? 'every MX host'}: ${display(rdata, 160)}, as if signed by DNSSEC`,
    ),
  ]
}

/** Records for a host that no MX record names change nothing. */
function notes({ tlsa }: Supposition, { hosts, mx }: Snapshot): readonly string[] {
  if (mx.outcome !== 'seen' && mx.outcome !== 'absent') return []
  const names = new Set(hosts.map(({ name }) => name))
  const strangers = new Set(tlsa.flatMap(({ host }) => (host === null || names.has(host) ? [] : [host])))
  return [...strangers].map((host) => `Mind: ${host} is no MX host here, so its TLSA records change nothing.`)
}
