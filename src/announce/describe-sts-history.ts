import { display } from '../lib/display.ts'
import {
  code,
  type Describers,
  hostName,
  instant,
  moment,
  nameList,
  newId,
  policyUrl,
  refusedBySenders,
  stsRecordLine,
  text,
} from './words.ts'

/** The policy against its own past and against the live MX hosts, in words. */
export const STS_HISTORY_WORDS: Describers<
  | 'mta-sts.policy.changed-without-id'
  | 'mta-sts.policy.id-changed-without-text'
  | 'mta-sts.policy.weakened'
  | 'mta-sts.policy.mx-uncovered'
  | 'mta-sts.policy.pattern-unused'
> = {
  'mta-sts.policy.changed-without-id': ({ domain, evidence }, context) => {
    const { recordId, changedAt, cachedUntil, suggestedId, refused } = evidence
    const harm =
      refused.length === 0
        ? ''
        : ` They refuse ${nameList(refused)}, which the old text does not cover (mode enforce).`
    return {
      title: 'The policy text changed, the id of the record did not',
      seen: `The text changed at ${moment(changedAt, context)}; the record still says id=${display(recordId)}. Difference: ${difference(evidence.before, evidence.after)}`,
      impact: `Senders that hold the old text see the old id and keep it, until ${instant(cachedUntil, context)} at the latest.${harm}`,
      remedy: [text('Publish a new id, and senders fetch the new text:'), stsRecordLine(domain, suggestedId)],
      rfc: 'RFC 8461 §3.1',
    }
  },

  'mta-sts.policy.id-changed-without-text': ({ evidence }, context) => ({
    title: 'The id of the MTA-STS record changed, the policy text did not',
    seen: `At ${moment(evidence.changedAt, context)} the id went from ${display(evidence.before)} to ${display(evidence.after)}; the policy served is still the same.`,
    impact: null,
    remedy: [
      text(
        'If a new policy was meant to be published, see that it really reached the policy host, at every address; then publish another id.',
      ),
      text('If not, there is nothing to do: senders fetch the same text once more.'),
    ],
    rfc: 'RFC 8461 §3.1',
  }),

  'mta-sts.policy.weakened': ({ domain, evidence }, context) => {
    const { aspect, before, after, changedAt, cachedUntil } = evidence
    return {
      title: `The policy was weakened: ${ASPECTS[aspect]} ${display(before)} → ${display(after)}`,
      seen: `Since ${moment(changedAt, context)} ${policyUrl(domain)} says ${ASPECTS[aspect]} ${display(after)}; before it was ${display(before)}.`,
      impact: `${WEAKER[aspect]} Senders that have not looked since then hold the earlier policy until ${instant(cachedUntil, context)} at the latest.`,
      remedy: [
        text(
          'If this was planned, there is nothing to do. If not, find out who changed the file, put the earlier text back and publish a new id:',
        ),
        stsRecordLine(domain, newId(context.now)),
      ],
      rfc: 'RFC 8461 §8.1',
    }
  },

  'mta-sts.policy.mx-uncovered': ({ domain, evidence }, context) => {
    const { mx, patterns, mode, suggestedId, cachedUntil } = evidence
    const copies =
      cachedUntil === null ? '' : ` Cached copies of this policy live until ${instant(cachedUntil, context)}.`
    return {
      title: `MX ${hostName(mx)} is not covered by the MTA-STS policy (mode ${mode})`,
      seen: `${hostName(mx)} is a live MX host, but none of the policy's mx lines matches it: ${nameList(patterns)}.${labelHint(mx, patterns)}`,
      impact: `${refusedBySenders(mode, false)}${copies}`,
      remedy: [
        text(`Add this line to ${policyUrl(domain)}:`),
        code(`mx: ${mx}`),
        text('then publish a new id:'),
        stsRecordLine(domain, suggestedId),
        text('If the host is not meant to take mail, remove its MX record instead.'),
      ],
      rfc: 'RFC 8461 §4.1',
    }
  },

  'mta-sts.policy.pattern-unused': ({ domain, evidence }, context) => ({
    title: `The policy's mx line ${display(evidence.pattern)} matches no MX host`,
    seen: `The MX hosts are ${nameList(evidence.mx)}.`,
    impact:
      'None today. Whoever can make a host of that name an MX of the domain receives mail under this policy.',
    remedy: [
      text(
        `If the host is gone for good, remove this line from ${policyUrl(domain)} once no sender can have an old MX answer:`,
      ),
      code(`mx: ${display(evidence.pattern)}`),
      text('then publish a new id:'),
      stsRecordLine(domain, newId(context.now)),
      text('If it is kept for a planned or a spare host, list this finding under `ignore` in watch.yaml.'),
    ],
    rfc: 'RFC 8461 §4.1',
  }),
}

const ASPECTS = { mode: 'mode', 'max-age': 'max_age', 'mx-patterns': 'mx' } as const

const WEAKER = {
  mode: 'Senders no longer refuse connections whose TLS cannot be verified.',
  'max-age': 'Senders forget the policy sooner: a shorter outage or attack leaves them without one.',
  'mx-patterns': 'More host names than before may now take mail for the domain.',
} as const

/** The lines that went and came; the texts are short. */
function difference(before: string, after: string): string {
  const old = before.split(/\r?\n/)
  const fresh = after.split(/\r?\n/)
  const isOld = new Set(old)
  const isFresh = new Set(fresh)
  const removed = old
    .filter((line) => line !== '' && !isFresh.has(line))
    .map((line) => `− ${display(line, 80)}`)
  const added = fresh
    .filter((line) => line !== '' && !isOld.has(line))
    .map((line) => `+ ${display(line, 80)}`)
  const lines = [...removed, ...added]
  const rest = lines.length - 8
  if (lines.length === 0) return 'lines were moved or repeated.'
  return `${lines.slice(0, 8).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`
}

/** The mistake that is made most often: `*` stands for one label only. */
function labelHint(mx: string, patterns: readonly string[]): string {
  const wildcard = patterns.find(
    (pattern) => pattern.startsWith('*.') && mx.toLowerCase().endsWith(pattern.slice(1).toLowerCase()),
  )
  if (wildcard === undefined) return ''
  const labels = mx.slice(0, -wildcard.length + 1).split('.').length
  return ` ${display(wildcard)} covers one label; ${hostName(mx)} has ${labels} before it.`
}
