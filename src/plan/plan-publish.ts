import type { RemedyLine } from '../model/description.ts'
import type { Judgement } from '../model/finding.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { coversMx } from '../protocol/mta-sts/mx-match.ts'
import type { StsPolicy } from '../protocol/mta-sts/policy.ts'
import { parseTlsrptRecord } from '../protocol/tlsrpt/record.ts'
import { liveMx, type PlanWorld, servedBy } from './plan-world.ts'
import { code, fileLines, hostBlocks, hostsPass, policyUnknown, recordLine, text } from './step-parts.ts'
import { type Done, doneIf, HARMLESS, NO, NO_WAIT, type StepRule, YES } from './step-rule.ts'

/** A mistake in the first policy is over after a day. */
const FIRST_MAX_AGE_SECONDS = 86_400

/** From no policy to mode testing: reports first, then the hosts, the file, and the record that makes senders look. */
export function planPublish(world: PlanWorld): readonly StepRule[] {
  const policy = servedBy(world)
  const hosts = liveMx(world)
  return [
    reportsStep(world),
    hostsStep(world, hosts),
    policyHostStep(world),
    policyStep(world, policy, hosts),
    recordStep(world),
  ]
}

/** What hurts nobody when it comes out of turn, and waits for nothing. */
const FREELY = { blocks: [], waits: NO_WAIT, isBegun: false, ifEarly: HARMLESS } as const

function reportsStep(world: PlanWorld): StepRule {
  const { domain } = world.facts.snapshot
  return {
    ...FREELY,
    id: 'reports',
    title: 'Ask senders for TLS reports',
    lines: [code(`_smtp._tls.${domain}. TXT "v=TLSRPTv1; rua=mailto:tls-reports@${domain}"`)],
    doneWhen: 'a valid TLSRPT record is there',
    done: hasReports(world),
  }
}

function hostsStep({ judgement }: PlanWorld, hosts: readonly string[] | null): StepRule {
  return {
    ...FREELY,
    id: 'mail-hosts',
    title: 'See that every MX host offers TLS that can be verified',
    lines: [text(hosts?.length === 0 ? NO_HOST : MEND_FIRST)],
    doneWhen: 'no MX host has a finding that mode enforce would refuse',
    done: hostsOffer(judgement, hosts),
    blocks: hostBlocks(judgement, null),
  }
}

function hostsOffer(judgement: Judgement, hosts: readonly string[] | null): Done {
  if (hosts === null) return NO_MX
  return hosts.length === 0 ? NO : hostsPass(judgement, null)
}

const MEND_FIRST = 'Mend what is found at the hosts first; in mode enforce it would cost mail.'
const NO_HOST = 'The domain has no MX host: publish its MX records first.'
const NO_MX: Done = { is: 'unknown', because: 'the MX record could not be seen' }

function policyHostStep(world: PlanWorld): StepRule {
  const { domain } = world.facts.snapshot
  return {
    ...FREELY,
    id: 'policy-host',
    title: `Give mta-sts.${domain} an address and a certificate`,
    lines: [
      code(`mta-sts.${domain}. CNAME <web server>.`),
      text(`Its certificate must be valid for mta-sts.${domain}.`),
    ],
    doneWhen: 'a TLS handshake with every address of the host verifies',
    done: hasPolicyHost(world),
  }
}

function policyStep(world: PlanWorld, policy: StsPolicy | null, hosts: readonly string[] | null): StepRule {
  const { domain } = world.facts.snapshot
  return {
    ...FREELY,
    id: 'policy',
    title: 'Serve the policy in mode testing',
    lines: firstFile(domain, hosts),
    doneWhen: 'every address serves one valid policy that covers every MX host',
    done: servesPolicy(policy, hosts, world),
    ifEarly:
      policy?.mode === 'enforce'
        ? {
            needs: ['mail-hosts'],
            hurt: 'Senders that fetch this policy refuse MX hosts whose TLS cannot be verified.',
            remedy: fileLines(domain, { ...policy, mode: 'testing' }),
          }
        : HARMLESS,
  }
}

function recordStep(world: PlanWorld): StepRule {
  const { domain } = world.facts.snapshot
  return {
    ...FREELY,
    id: 'record',
    title: 'Publish the record, so that senders look for the policy',
    lines: [recordLine(domain, world.now)],
    doneWhen: 'a valid record is there',
    done: hasRecord(world),
    ifEarly: {
      needs: ['policy-host', 'policy'],
      hurt: 'Senders see the record, find no valid policy and report sts-policy-fetch-error or sts-policy-invalid; they deliver without verified TLS.',
      remedy: [
        text('Serve the policy now, or take the record away until it is served:'),
        code(`_mta-sts.${domain}. TXT`),
      ],
    },
  }
}

/** A file without hosts would be no legal policy (RFC 8461 §3.2). */
function firstFile(domain: DomainName, hosts: readonly string[] | null): readonly RemedyLine[] {
  if (hosts === null || hosts.length === 0)
    return [text('The file has a line for every MX host; it is written out here once they can be seen.')]
  return fileLines(domain, firstPolicy(hosts))
}

function firstPolicy(hosts: readonly string[]): StsPolicy {
  const mxPatterns = [...new Set(hosts)]
  return { version: 'STSv1', mode: 'testing', maxAgeSeconds: FIRST_MAX_AGE_SECONDS, mxPatterns }
}

function hasReports({ facts }: PlanWorld): Done {
  const { tlsrptRecord } = facts.snapshot
  if (tlsrptRecord.outcome === 'seen')
    return doneIf(parseTlsrptRecord(tlsrptRecord.value.records).value !== null)
  return tlsrptRecord.outcome === 'failed' ? { is: 'unknown', because: tlsrptRecord.fault.detail } : NO
}

/** RFC 8461 §3.3: the certificate must be valid for the policy host; a sender that finds another asks for nothing. */
function hasPolicyHost({ facts }: PlanWorld): Done {
  const { addresses, fetches } = facts.snapshot.policyHost
  if (addresses.outcome === 'failed') return { is: 'unknown', because: addresses.fault.detail }
  if (addresses.outcome !== 'seen' || fetches.length === 0) return NO
  for (const { tls, response } of fetches) {
    if (tls.outcome === 'failed') return { is: 'unknown', because: tls.fault.detail }
    if (tls.outcome === 'seen' && response.outcome === 'skipped') return NO
  }
  return YES
}

function servesPolicy(policy: StsPolicy | null, hosts: readonly string[] | null, world: PlanWorld): Done {
  const unknown = policyUnknown(world)
  if (policy === null) return unknown === null ? NO : { is: 'unknown', because: unknown }
  if (hosts === null) return NO_MX
  return doneIf(policy.mode !== 'none' && hosts.every((host) => coversMx(policy.mxPatterns, host)))
}

function hasRecord({ facts }: PlanWorld): Done {
  const { record } = facts
  if (record.state === 'undecided') return { is: 'unknown', because: record.because.detail }
  return doneIf(record.state === 'valid')
}
