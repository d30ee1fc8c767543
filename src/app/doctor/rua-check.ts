import { display } from '../../lib/display.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { childName, type DomainName, parseDomainName } from '../../protocol/domain-name.ts'
import { parseTlsrptRecord } from '../../protocol/tlsrpt/record.ts'
import {
  bad,
  type DoctorCheck,
  type DoctorLine,
  type DoctorTools,
  good,
  unset,
  warning,
} from './doctor-line.ts'

const TOPIC = 'report addresses'
/** By preference: reports wait for the first that greets. */
const MOST_HOSTS = 3

/** Would TLS reports reach us: does the place that each `rua` names answer? */
export const RUA_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 150 * SECOND_MS,
  async run(tools, signal) {
    const named = await Promise.all(tools.config.domains.map(async ({ name }) => ruaOf(name, tools, signal)))
    const uris = named.flatMap((one) => one.uris)
    const unknown = named.flatMap(({ failure }) => (failure === null ? [] : [failure]))
    const mailDomains = new Set(
      uris.flatMap((uri) => (uri.scheme === 'mailto' ? (uri.mailDomain ?? []) : [])),
    )
    const endpoints = new Set(uris.flatMap((uri) => (uri.scheme === 'https' ? uri.url : [])))
    if (mailDomains.size + endpoints.size + unknown.length === 0) {
      return [unset(TOPIC, 'no watched domain has a TLSRPT record that names an address')]
    }
    const lines = await Promise.all([
      ...[...mailDomains].map((domain) => alive(domain, tools, signal)),
      ...[...endpoints].map((url) => answering(url, tools, signal)),
    ])
    return [...lines, ...unknown.map((failure) => warning(TOPIC, failure))]
  },
}

async function ruaOf(name: DomainName, { resolver }: DoctorTools, signal: AbortSignal) {
  const owner = childName('_smtp', childName('_tls', name))
  const look = await resolver.txt(owner, signal)
  if (look.outcome === 'failed') return { uris: [], failure: `${owner} could not be looked up` }
  const uris = look.outcome === 'seen' ? (parseTlsrptRecord(look.value.records).value?.rua ?? []) : []
  return { uris, failure: null }
}

/** Nothing is sent there: that its host answers, and with which certificate, is what can be known without a report. */
async function answering(url: string, { probe }: DoctorTools, signal: AbortSignal): Promise<DoctorLine> {
  const shown = display(url, 120)
  const host = parseDomainName(URL.parse(url)?.hostname ?? '')
  const look = host === null ? null : await probe.canary('https', host, signal)
  if (look?.outcome === 'seen') return good(TOPIC, `${shown}: it answers, with a valid certificate`)
  const why = look?.outcome === 'failed' ? look.fault.detail.replace(/^the canary /, '') : 'it names no host'
  return bad(
    TOPIC,
    `${shown}: ${display(why, 200)}`,
    'Reports to it are lost: name another one in the TLSRPT record, or see to its server.',
  )
}

async function alive(
  domain: DomainName,
  { resolver, probe }: DoctorTools,
  signal: AbortSignal,
): Promise<DoctorLine> {
  const mx = await resolver.mx(domain, signal)
  if (mx.outcome === 'failed') return warning(TOPIC, `the MX records of ${domain} could not be looked up`)
  // RFC 5321 §5.1: without MX records the domain itself is the mail host.
  const hosts = mx.outcome === 'seen' ? hostsOf(mx.value.records) : [domain]
  for (const host of hosts.slice(0, MOST_HOSTS)) {
    const look = await probe.canary('smtp', host, signal)
    if (look.outcome === 'seen') return good(TOPIC, `${domain}: ${host} greets`)
  }
  return bad(
    TOPIC,
    `${domain}: ${hosts.length === 0 ? 'it takes no mail' : `none of its mail hosts greets (${hosts.slice(0, MOST_HOSTS).join(', ')})`}`,
    `Reports to it are lost: name another address in the TLSRPT record, or see to its mail hosts: dig ${domain} MX`,
  )
}

function hostsOf(records: readonly { readonly preference: number; readonly exchange: string }[]) {
  return records
    .toSorted((a, b) => a.preference - b.preference)
    .flatMap(({ exchange }) => parseDomainName(exchange) ?? [])
}
