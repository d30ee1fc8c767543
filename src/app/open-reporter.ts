import { createHmac, hkdfSync } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import type { DkimSettings } from '../config/dkim-env.ts'
import type { Env } from '../config/env.ts'
import type { WatchConfig } from '../config/watch-config.ts'
import { directTransport } from '../mail/direct-transport.ts'
import type { DkimKey } from '../mail/dkim-sign.ts'
import { MAIL_DEADLINES, type MailTransport, smtpTransport } from '../mail/transport.ts'
import type { Resolver } from '../model/dns.ts'
import { createAddressGuard } from '../probe/address-guard.ts'
import { until } from '../probe/deadline.ts'
import { createNetwork, type Network } from '../probe/network.ts'
import { parseDomainName } from '../protocol/domain-name.ts'
import { addressDomain, parseMailAddress } from '../protocol/mail-address.ts'
import { parseSubmissionUrl } from '../protocol/smtp/submission-url.ts'
import { findExchangers } from './find-exchangers.ts'
import type { World } from './open-probe.ts'
import type { Reporter } from './reporter.ts'
import { signReport } from './sign-report.ts'

export interface ReporterTools {
  readonly resolver: Resolver
  readonly world: World
  /** PEM roots for the SMTP server's certificate; null: the system's. */
  readonly smtpCa: string | null
}

/** The reporter of an installation; null when it has no sender, no key for reports, or no way to send them. */
export function openReporter(
  config: Pick<WatchConfig, 'reports' | 'egressAllow' | 'ehloName'>,
  env: Pick<Env, 'mailFrom' | 'smtpUrl' | 'dkim'>,
  tools: ReporterTools,
): Reporter | null {
  const contact = env.mailFrom === null ? null : parseMailAddress(env.mailFrom)
  const submitter = contact === null ? null : parseDomainName(addressDomain(contact))
  const keys = env.dkim === null ? null : reportKeys(env.dkim)
  const network = createNetwork({ guard: createAddressGuard(config.egressAllow), route: tools.world.route })
  const transport = transportOf(config, env, network, tools)
  if (contact === null || submitter === null || keys === null || transport === null) return null
  const [{ domain, selector }] = keys
  return {
    author: { organizationName: config.reports.organization ?? submitter, contact },
    submitter,
    key: { domain, selector },
    transport,
    door: { open: (host, signal) => openHttps(host, config, network, tools, signal) },
    mac: (text) => createHmac('sha256', canaryKey(keys[0])).update(text).digest('hex'),
    sign: (raw, signal) => signReport(raw, keys, tools.resolver, signal),
  }
}

function canaryKey({ privateKey }: DkimKey): Buffer {
  return Buffer.from(hkdfSync('sha256', privateKey.reveal(), '', 'stswatch canary', 32))
}

/** The key for reports first: its signature is the one that counts. The other is for those who filter all mail. */
function reportKeys({ domain, mail, report }: DkimSettings): readonly [DkimKey, ...DkimKey[]] | null {
  if (report === null) return null
  const first = { domain, selector: report.selector, privateKey: report.privateKey }
  return mail === null ? [first] : [first, { domain, selector: mail.selector, privateKey: mail.privateKey }]
}

function transportOf(
  { reports, ehloName }: Pick<WatchConfig, 'reports' | 'ehloName'>,
  { smtpUrl }: Pick<Env, 'smtpUrl'>,
  network: Network,
  { resolver, world, smtpCa }: ReporterTools,
): MailTransport | null {
  if (reports.delivery === 'direct') {
    const find = (mailDomain: string, signal: AbortSignal) =>
      findExchangers(mailDomain, { resolver, network, limits: world.limits }, signal)
    return directTransport({ ehloName, deadlines: MAIL_DEADLINES, find })
  }
  if (smtpUrl === null) return null
  const server = parseSubmissionUrl(smtpUrl)
  // The environment was checked: a URL that does not parse cannot get here.
  if (!server.ok) throw new TypeError(`SMTP_URL ${server.error}`)
  return smtpTransport(server.value, { ehloName, ca: smtpCa, deadlines: MAIL_DEADLINES })
}

/** The first address that lets us in, with its certificate verified unless it was said that it need not be (R79). */
async function openHttps(
  host: string,
  { reports }: Pick<WatchConfig, 'reports'>,
  network: Network,
  { resolver, world }: ReporterTools,
  signal: AbortSignal,
) {
  const name = parseDomainName(host)
  if (name === null) throw new Error(`${host} is no host name`)
  const addresses = await resolver.addresses(name, signal)
  if (addresses.outcome !== 'seen') {
    throw new Error(addresses.outcome === 'failed' ? addresses.fault.detail : `${host} has no address`)
  }
  let failure: unknown = new Error(`${host} has no address`)
  for (const address of addresses.value.records) {
    try {
      const socket = await network.connect(address, 443, { signal, timeoutMs: world.limits.connectMs })
      const stop = AbortSignal.any([signal, AbortSignal.timeout(world.limits.handshakeMs)])
      return await secured(socket, host, stop, {
        rejectUnauthorized: reports.httpsCertificates === 'verify',
        ...(world.roots === null ? {} : { ca: [...world.roots] }),
      })
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function secured(
  socket: Awaited<ReturnType<Network['connect']>>,
  host: string,
  stop: AbortSignal,
  options: { readonly rejectUnauthorized: boolean; readonly ca?: string[] },
): Promise<TLSSocket> {
  const late = () => new Error('it took the connection, and did not finish the TLS handshake in time')
  return until<TLSSocket>(stop, late, (resolve, reject) => {
    const tls = connect({ socket, servername: host, minVersion: 'TLSv1.2', ...options })
    let isSecured = false
    tls.once('secureConnect', () => {
      isSecured = true
      resolve(tls)
    })
    tls.on('error', reject)
    return () => {
      if (!isSecured) socket.destroy()
    }
  })
}
