import { durationText } from '../announce/text-time.ts'
import { plural } from '../announce/words.ts'
import { display } from '../lib/display.ts'
import { DAY_MS, SECOND_MS, type UnixMs } from '../lib/time.ts'
import type { DnsAnswer } from '../model/dns.ts'
import type { HostFace } from '../model/host-face.ts'
import type { Observation } from '../model/observation.ts'
import type { MxHost, PolicyFetch, Snapshot, StartTls } from '../model/snapshot.ts'
import type { CertificateFacts, TlsFacts } from '../model/tls.ts'
import { type DomainName, displayDomainName } from '../protocol/domain-name.ts'
import { parseStsPolicy } from '../protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../protocol/mta-sts/record.ts'
import { parseTlsrptRecord } from '../protocol/tlsrpt/record.ts'
import type { Paint } from './paint.ts'
import { renderZones } from './render-zones.ts'

/**
 * What a look saw, record by record and host by host, one line each; judging is told elsewhere. `notes`: a line more to be told
 * of a host.
 */
export function renderLook(
  snapshot: Snapshot,
  now: UnixMs,
  paint: Paint,
  notes: ReadonlyMap<string, string> = new Map(),
): string {
  const lines = [
    row(
      paint,
      '_mta-sts record',
      recordTold(snapshot.stsRecord, (records) => parseStsRecord(records).value !== null),
    ),
    ...policyLines(snapshot, now, paint),
    row(
      paint,
      '_smtp._tls record',
      recordTold(snapshot.tlsrptRecord, (records) => parseTlsrptRecord(records).value !== null),
    ),
    row(
      paint,
      'MX',
      observed(snapshot.mx, (answer) =>
        answer.records.map((mx) => `${mx.preference} ${hostName(mx.exchange)}`).join(', '),
      ),
    ),
    ...snapshot.hosts.flatMap((host) => [
      ...hostLines(host, now, paint),
      ...noteLines(notes.get(host.name), paint),
    ]),
    ...renderZones(snapshot, paint),
  ]
  return `${lines.join('\n')}\n`
}

interface Told {
  readonly good: boolean | null
  readonly text: string
}

function recordTold(
  record: Observation<DnsAnswer<readonly string[]>>,
  isValid: (records: readonly string[]) => boolean,
): Told {
  const good = record.outcome === 'seen' && isValid(record.value.records)
  return observed(record, ({ records }) => records.map((text) => quoted(text)).join('  '), good)
}

function policyLines(snapshot: Snapshot, now: UnixMs, paint: Paint): readonly string[] {
  const host = snapshot.policyHost
  const served = host.fetches
    .map((fetch) => fetch.response)
    .find((response) => response.outcome === 'seen' && response.value.status === 200)
  const policy = served?.outcome === 'seen' ? parseStsPolicy(served.value.body).value : null
  // Without an answer it is our question that is open, not their policy that is bad.
  const isAnswered = host.fetches.some(({ tls }) => tls.outcome === 'seen')
  const trouble = served === undefined ? 'could not be fetched at' : 'no valid policy at'
  const head: Told =
    policy !== null
      ? {
          good: true,
          text: `mode ${policy.mode}, max_age ${durationText(policy.maxAgeSeconds * SECOND_MS)}, mx ${policy.mxPatterns.map((p) => display(p)).join(' ')}`,
        }
      : observed(
          host.addresses,
          () => `${trouble} ${displayDomainName(host.name)}`,
          isAnswered ? false : null,
        )
  return [
    row(paint, 'policy', head),
    ...host.fetches.map((fetch) => addressRow(paint, fetch.address, fetchTold(fetch, now))),
  ]
}

function fetchTold(fetch: PolicyFetch, now: UnixMs): Told {
  if (fetch.tls.outcome !== 'seen') return observed(fetch.tls, () => '')
  const certificate = tlsText(fetch.tls.value, now)
  if (fetch.response.outcome !== 'seen') {
    const why = observed(fetch.response, () => '')
    return { good: false, text: `${certificate}; ${why.text}` }
  }
  const { status, location } = fetch.response.value
  return {
    good: status === 200,
    text: `${certificate}; HTTP ${status}${location === null ? '' : ` → ${display(location)}`}`,
  }
}

function hostLines(host: MxHost, now: UnixMs, paint: Paint): readonly string[] {
  if (host.addresses.outcome !== 'seen')
    return [
      row(
        paint,
        `  ${hostName(host.name)}`,
        observed(host.addresses, () => ''),
      ),
    ]
  return [
    `    ${paint('bold', hostName(host.name))}${host.source === 'implicit' ? ' (no MX record: the domain itself)' : ''}`,
    ...host.sessions.flatMap((session) => [
      addressRow(
        paint,
        session.address,
        session.smtp.outcome === 'seen'
          ? startTlsTold(session.smtp.value.startTls, now)
          : observed(session.smtp, () => ''),
      ),
      ...host.faces
        .filter(({ address }) => address === session.address)
        .map((face) => addressRow(paint, faceLabel(face), faceTold(face, now))),
    ]),
  ]
}

function noteLines(note: string | undefined, paint: Paint): readonly string[] {
  return note === undefined ? [] : [`      ${mark(paint, null)} ${note}`]
}

function faceLabel({ port, keys }: HostFace): string {
  return port === 25 ? `  25 ${keys === 'rsa' ? 'RSA' : 'ECDSA'}` : `  port ${port}`
}

function faceTold({ look, keys }: HostFace, now: UnixMs): Told {
  if (look.outcome !== 'seen') return observed(look, () => '')
  switch (look.value.outcome) {
    case 'shown':
      return { good: look.value.tls.webPkiError === null, text: tlsText(look.value.tls, now) }
    case 'closed':
      return { good: null, text: 'closed' }
    case 'no-tls':
      return { good: null, text: 'STARTTLS is not offered' }
    case 'no-such-key':
      return { good: null, text: `no ${keys === 'rsa' ? 'RSA' : 'ECDSA'} certificate` }
  }
}

function startTlsTold(startTls: StartTls, now: UnixMs): Told {
  switch (startTls.outcome) {
    case 'established':
      return { good: startTls.tls.webPkiError === null, text: `STARTTLS ${tlsText(startTls.tls, now)}` }
    case 'not-offered':
      return { good: false, text: 'STARTTLS is not offered' }
    case 'refused':
      return { good: false, text: `STARTTLS refused: ${display(startTls.reply, 80)}` }
    case 'injected':
      return { good: false, text: `${startTls.bytes} bytes of plaintext followed the STARTTLS reply` }
    case 'handshake-failed':
      return { good: false, text: `TLS handshake failed: ${display(startTls.fault.detail, 120)}` }
  }
}

function tlsText(tls: TlsFacts, now: UnixMs): string {
  const leaf = tls.chain[0]
  const verdict = tls.webPkiError === null ? '' : `, ${tls.webPkiError}`
  return leaf === undefined ? tls.protocol : `${tls.protocol}, ${certificateText(leaf, now)}${verdict}`
}

function certificateText(certificate: CertificateFacts, now: UnixMs): string {
  const days = Math.floor((certificate.notAfterAt - now) / DAY_MS)
  const until = new Date(certificate.notAfterAt).toISOString().slice(0, 10)
  return days < 0 ? `certificate expired ${until}` : `certificate until ${until} (${plural(days, 'day')})`
}

function observed<T>(
  observation: Observation<T>,
  text: (value: T) => string,
  good: boolean | null = true,
): Told {
  switch (observation.outcome) {
    case 'seen':
      return { good, text: text(observation.value) }
    case 'absent':
      return {
        good: null,
        text: observation.denial === 'nxdomain' ? 'none (the name does not exist)' : 'none',
      }
    case 'failed':
      return { good: null, text: `could not be looked at: ${display(observation.fault.detail, 160)}` }
    case 'skipped':
      return { good: null, text: observation.because }
  }
}

function row(paint: Paint, label: string, told: Told): string {
  return `  ${mark(paint, told.good)} ${label.padEnd(18)} ${told.text}`
}

function addressRow(paint: Paint, address: string, told: Told): string {
  return `      ${mark(paint, told.good)} ${address.padEnd(16)} ${told.text}`
}

function mark(paint: Paint, good: boolean | null): string {
  if (good === null) return paint('dim', '·')
  return good ? paint('green', '✓') : paint('red', '✗')
}

function hostName(name: string): string {
  return name === '.' ? '. (null MX: takes no mail)' : displayDomainName(display(name) as DomainName)
}

function quoted(text: string): string {
  return `"${display(text, 120)}"`
}
