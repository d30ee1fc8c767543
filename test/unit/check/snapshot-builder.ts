import type { JudgeContext } from '../../../src/check/judge.ts'
import type { WatchedDomain } from '../../../src/config/watch-config.ts'
import { DAY_MS, type UnixMs } from '../../../src/lib/time.ts'
import type { DnsAnswer, MxRecord } from '../../../src/model/dns.ts'
import type { Fault, FaultKind } from '../../../src/model/fault.ts'
import type { Absent, Failed, Seen } from '../../../src/model/observation.ts'
import { NO_REPORTS } from '../../../src/model/report-window.ts'
import type {
  HttpResponse,
  MxHost,
  MxSession,
  PolicyFetch,
  Snapshot,
  SnapshotId,
  StartTls,
} from '../../../src/model/snapshot.ts'
import type { CertificateFacts, TlsFacts } from '../../../src/model/tls.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { IpAddress } from '../../../src/protocol/ip-address.ts'

/** Snapshots for tests: a healthy domain in one call, and small edits that break it. */

export const NOW: UnixMs = Date.UTC(2026, 10, 23, 14, 5)
export const EXAMPLE = 'example.com' as DomainName
export const POLICY_HOST = 'mta-sts.example.com' as DomainName
export const MX1 = 'mx1.example.com'
export const MX2 = 'mx2.example.com'

export function seen<T>(value: T, at: UnixMs = NOW): Seen<T> {
  return { outcome: 'seen', at, tookMs: 12, value }
}

export function absent(denial: Absent['denial'] = 'nxdomain'): Absent {
  return { outcome: 'absent', at: NOW, tookMs: 12, denial, security: 'insecure' }
}

const BLAMES: { readonly [K in FaultKind]?: Fault['blame'] } = {
  deadline: 'local',
  internal: 'local',
  'no-route': 'local',
  'client-limit': 'local',
  'connect-timeout': 'path',
}

export function fault(kind: FaultKind = 'deadline'): Fault {
  return { kind, blame: BLAMES[kind] ?? 'remote', detail: `${kind} in the test` }
}

export function failed(kind: FaultKind = 'deadline'): Failed {
  return { outcome: 'failed', at: NOW, tookMs: 12, fault: fault(kind) }
}

export function answer<T>(records: T, cnames: readonly DomainName[] = []): Seen<DnsAnswer<T>> {
  return seen({ records, ttlSeconds: 300, security: 'insecure', cnames, signatures: null })
}

const FRESH = { zone: 'example.com', beganAt: NOW - DAY_MS, endAt: NOW + 13 * DAY_MS }

/** An answer that DNSSEC protects. */
export function secured<T>(records: T): Seen<DnsAnswer<T>> {
  return seen({ records, ttlSeconds: 300, security: 'secure', cnames: [], signatures: FRESH })
}

export function ip(text: string): IpAddress {
  return text as IpAddress
}

export function certificate(host: string, edit: Partial<CertificateFacts> = {}): CertificateFacts {
  return {
    subject: `CN=${host}`,
    issuer: 'CN=R11, O=Example Trust',
    serialNumber: '0a1b2c',
    notBeforeAt: NOW - 30 * DAY_MS,
    notAfterAt: NOW + 60 * DAY_MS,
    dnsNames: [host],
    sha256: `sha256 of ${host}`,
    sha512: `sha512 of ${host}`,
    spkiSha256: `spki of ${host}`,
    spkiSha512: `spki512 of ${host}`,
    keyType: 'ec',
    keyBits: 256,
    ...edit,
  }
}

const INTERMEDIATE = certificate('R11', {
  subject: 'CN=R11, O=Example Trust',
  issuer: 'CN=Root, O=Example Trust',
  notAfterAt: NOW + 900 * DAY_MS,
})

/** A trusted handshake with the whole chain, unless `edit` or `webPkiError` says otherwise. */
export function tls(
  host: string,
  edit: Partial<CertificateFacts> = {},
  webPkiError: string | null = null,
): TlsFacts {
  const leaf = certificate(host, edit)
  return {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    chain: [leaf, INTERMEDIATE],
    webPkiError,
    linked: null,
  }
}

export function policyBody(
  edit: { mode?: string; maxAge?: number; mx?: readonly string[]; tail?: string } = {},
): string {
  const { mode = 'enforce', maxAge = 1_209_600, mx = [MX1, MX2], tail = '' } = edit
  const lines = ['version: STSv1', `mode: ${mode}`, ...mx.map((one) => `mx: ${one}`), `max_age: ${maxAge}`]
  return `${lines.join('\r\n')}\r\n${tail}`
}

export function response(edit: Partial<HttpResponse> = {}): Seen<HttpResponse> {
  return seen({
    status: 200,
    location: null,
    contentType: 'text/plain; charset=utf-8',
    body: policyBody(),
    validUtf8: true,
    ...edit,
  })
}

export function fetchAt(address: string, edit: Partial<PolicyFetch> = {}): PolicyFetch {
  return { address: ip(address), tls: seen(tls(POLICY_HOST)), response: response(), ...edit }
}

/** What DANE mostly has: the ordinary session shows it all. */
export const NO_SECOND_SESSION = { outcome: 'skipped', because: 'the ordinary session shows all' } as const

export function sessionAt(address: string, startTls: StartTls): MxSession {
  return {
    address: ip(address),
    smtp: seen({
      greeting: '220 ready',
      capabilities: ['PIPELINING', 'STARTTLS'],
      startTls,
      ownAddress: null,
    }),
    dane: NO_SECOND_SESSION,
  }
}

export function established(facts: TlsFacts): StartTls {
  return { outcome: 'established', tls: facts }
}

export function mxHost(name: string, addresses: readonly string[], edit: Partial<MxHost> = {}): MxHost {
  return {
    name,
    preference: 10,
    source: 'mx',
    target: 'host',
    addresses: answer(addresses.map(ip)),
    tlsa: { outcome: 'skipped', because: 'the address answer is insecure' },
    tlsaBase: null,
    sessions: addresses.map((address) => sessionAt(address, established(tls(name)))),
    faces: [],
    ...edit,
  }
}

export function mxRecords(...exchanges: readonly string[]): Seen<DnsAnswer<readonly MxRecord[]>> {
  return answer(exchanges.map((exchange, index) => ({ preference: 10 * (index + 1), exchange })))
}

/** Everything right: MTA-STS in mode enforce, TLSRPT, two MX hosts, mx1 with two addresses. */
export function healthy(edit: Partial<Snapshot> = {}): Snapshot {
  return {
    id: 'look_1' as SnapshotId,
    domain: EXAMPLE,
    takenAt: NOW,
    // Signed: so it is known that the resolver validates.
    stsRecord: secured(['v=STSv1; id=20261101T000000Z']),
    policyHost: {
      name: POLICY_HOST,
      addresses: answer([ip('192.0.2.80'), ip('192.0.2.81')]),
      fetches: [fetchAt('192.0.2.80'), fetchAt('192.0.2.81')],
    },
    tlsrptRecord: answer(['v=TLSRPTv1; rua=mailto:tls-reports@reports.example']),
    ruaDomains: [
      {
        name: 'reports.example' as DomainName,
        mx: mxRecords('mx.reports.example'),
        addresses: { outcome: 'skipped', because: 'there is an MX' },
      },
    ],
    mx: mxRecords(MX1, MX2),
    hosts: [mxHost(MX1, ['192.0.2.25', '192.0.2.26']), mxHost(MX2, ['198.51.100.25'])],
    zones: [],
    ...edit,
  }
}

/** The healthy domain with another policy host. */
export function withFetches(...fetches: readonly PolicyFetch[]): Snapshot {
  const addresses = answer(fetches.map((fetch) => fetch.address))
  return healthy({ policyHost: { name: POLICY_HOST, addresses, fetches } })
}

/** The healthy domain whose policy host serves this text at its two addresses. */
export function serving(body: string, edit: Partial<Snapshot> = {}): Snapshot {
  const fetches = ['192.0.2.80', '192.0.2.81'].map((one) => fetchAt(one, { response: response({ body }) }))
  return { ...withFetches(...fetches), ...edit }
}

/** The healthy domain with another first MX host. */
export function withMx1(host: MxHost): Snapshot {
  return healthy({ hosts: [host, mxHost(MX2, ['198.51.100.25'])] })
}

export function watched(edit: Partial<WatchedDomain> = {}): WatchedDomain {
  return {
    name: EXAMPLE,
    cron: '*/15 * * * *',
    expect: 'any',
    certificateWarningDays: [21, 7, 3, 1],
    tags: [],
    channels: [],
    dane: 'if-present',
    otherPorts: [],
    bothKeyTypes: false,
    nameServers: false,
    ignore: new Set(),
    submitReports: false,
    ...edit,
  }
}

export function context(edit: Partial<JudgeContext> = {}): JudgeContext {
  return {
    before: null,
    versions: [],
    vantage: { dns: 'sees', dnssec: 'sees', https: 'sees', smtp: 'sees' },
    reports: NO_REPORTS,
    mxJoined: new Map(),
    rollovers: new Map(),
    now: NOW,
    ...edit,
  }
}
