import { display } from '../../lib/display.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { askOverTcp, askOverUdp } from '../../probe/dns-client.ts'
import { lookUp, type ResolverServer } from '../../probe/dns-lookup.ts'
import { faultOf } from '../../probe/fault-error.ts'
import type { DomainName } from '../../protocol/domain-name.ts'
import { serversOf } from '../open-resolver.ts'
import { bad, type DoctorCheck, type DoctorLine, type DoctorTools, good, warning } from './doctor-line.ts'

const TOPIC = 'DNS'
const DNSSEC = 'DNSSEC'
const INSTALL = [
  'Install a validating resolver on this machine: apt install unbound',
  'and ask it, by this line in watch.yaml: resolvers: [127.0.0.1]',
]

/** Each resolver: does it answer over UDP and TCP, does it validate, and is it believed (RFC 7672 §2.1.1)? */
export const RESOLVER_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 60 * SECOND_MS,
  async run(tools, signal) {
    const servers = tools.config.resolvers.flatMap(serversOf)
    const lines = await Promise.all(
      servers.map(async (server) => [
        await transports(server, tools, signal),
        await validation(server, tools, signal),
      ]),
    )
    return lines.flat()
  },
}

async function transports(
  server: ResolverServer,
  { config, world }: DoctorTools,
  signal: AbortSignal,
): Promise<DoctorLine> {
  const at = nameOf(server)
  const [name = 'example.com'] = config.canaries.dns
  const question = { name, type: 'MX', checkingDisabled: false, recursionDesired: true } as const
  const [udp, tcp] = await Promise.all(
    [askOverUdp, askOverTcp].map((ask) =>
      ask(server, question, world.limits.dns, signal).then(
        () => null,
        (error: unknown) => display(faultOf(error).detail),
      ),
    ),
  )
  const failures = [udp, tcp].flatMap((failure) => (typeof failure === 'string' ? [failure] : []))
  if (failures.length === 0) return good(TOPIC, `${at} answers over UDP and TCP`)
  return bad(
    TOPIC,
    `${at}: ${failures.join('; ')}`,
    `See whether it runs, and open port ${server.port} to it over both: dig ${digAt(server)} ${name} MX; dig +tcp ${digAt(server)} ${name} MX`,
  )
}

type Signed = 'validated' | 'unvalidated' | 'unknown'
type Broken = 'refused' | 'answered' | 'unknown'

async function validation(
  server: ResolverServer,
  { config, world }: DoctorTools,
  signal: AbortSignal,
): Promise<DoctorLine> {
  const { dnssec, bogus } = config.canaries
  // What it says, whether or not it is believed.
  const asked = { ...server, trusted: true }
  const limits = world.limits.dns
  const signed = await Promise.all(
    dnssec.map((name) =>
      lookUp(asked, name, 'MX', limits, signal).then(
        ({ secure }): Signed => (secure ? 'validated' : 'unvalidated'),
        (): Signed => 'unknown',
      ),
    ),
  )
  const broken = await Promise.all(
    bogus.map((name) =>
      lookUp(asked, name, 'A', limits, signal).then(
        ({ outcome }): Broken => (outcome === 'answer' ? 'answered' : 'unknown'),
        (error: unknown): Broken => (faultOf(error).kind === 'dns-bogus' ? 'refused' : 'unknown'),
      ),
    ),
  )
  return judge(server, { signed, broken }, config)
}

function judge(
  server: ResolverServer,
  { signed, broken }: { readonly signed: readonly Signed[]; readonly broken: readonly Broken[] },
  { canaries, domains }: DoctorTools['config'],
): DoctorLine {
  const at = nameOf(server)
  // Nobody misses validation where nobody asks for DANE.
  const lacking = domains.every(({ dane }) => dane === 'ignore') ? warning : bad
  const names = namesOf(canaries.dnssec)
  if (signed.every((one) => one === 'unknown')) {
    return bad(DNSSEC, `${at} has no answer for ${names}`, 'See whether it can reach the Internet.')
  }
  if (!signed.includes('validated')) {
    return lacking(DNSSEC, `${at} does not validate: ${names} came unvalidated`, ...INSTALL)
  }
  if (broken.includes('answered')) {
    return lacking(DNSSEC, `${at} does not validate: it answers for ${namesOf(canaries.bogus)}`, ...INSTALL)
  }
  if (!server.trusted) {
    return lacking(
      DNSSEC,
      `${at} validates, but is not believed, since it is not on this machine`,
      `When the way to it is safe: resolvers: [{ address: "${server.address}", trusted: true }]`,
      ...INSTALL,
    )
  }
  return broken.includes('refused')
    ? good(DNSSEC, `${at} validates: ${names} came validated, ${namesOf(canaries.bogus)} was refused`)
    : warning(
        DNSSEC,
        `${at} says that it validates, but ${namesOf(canaries.bogus)}, which it must refuse, could not be asked for`,
        'Name other domains with broken signatures under canaries.bogus in watch.yaml.',
      )
}

function namesOf(names: readonly DomainName[]): string {
  return names.join(', ')
}

function nameOf({ address, port }: ResolverServer): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function digAt({ address, port }: ResolverServer): string {
  return port === 53 ? `@${address}` : `@${address} -p ${port}`
}
