/** Data for tests of a Store: healthy by default, any field replaced. */
import { sha256 } from '../../src/lib/sha256.ts'
import { DAY_MS, MINUTE_MS, type UnixMs } from '../../src/lib/time.ts'
import type { DnsAnswer } from '../../src/model/dns.ts'
import type { Finding } from '../../src/model/finding.ts'
import { findingKey } from '../../src/model/finding.ts'
import type { Incident, IncidentId, Phase, ThreadId, Transition } from '../../src/model/incident.ts'
import type { ChannelId, Notification, NotificationId } from '../../src/model/notification.ts'
import type { Absent, Failed, Observation, Seen } from '../../src/model/observation.ts'
import type { PolicyVersion } from '../../src/model/policy-version.ts'
import type { MxHost, MxSession, PolicyFetch, Snapshot, SnapshotId } from '../../src/model/snapshot.ts'
import type { TlsFacts } from '../../src/model/tls.ts'
import type { ServerReply, ZoneLook } from '../../src/model/zone-look.ts'
import type { DomainName } from '../../src/protocol/domain-name.ts'
import type { IpAddress } from '../../src/protocol/ip-address.ts'
import type { CheckCommit, NewJob } from '../../src/store/store.ts'

export const T0: UnixMs = Date.UTC(2026, 10, 23, 12)
export const DOMAIN = 'example.com' as DomainName
export const SLACK = 'slack' as ChannelId

export function at(minutes: number): UnixMs {
  return T0 + minutes * MINUTE_MS
}

export function seen<T>(value: T, when: UnixMs): Seen<T> {
  return { outcome: 'seen', at: when, tookMs: when % 97, value }
}

export function failed(when: UnixMs, detail = `timed out, packet ${when}`): Failed {
  return { outcome: 'failed', at: when, tookMs: 2, fault: { kind: 'dns-timeout', blame: 'path', detail } }
}

export function absent(when: UnixMs): Absent {
  return { outcome: 'absent', at: when, tookMs: 3, denial: 'nxdomain', security: 'insecure' }
}

/** The TTL differs from look to look, as a cache's does. */
export function answer<T>(records: T, when: UnixMs): Seen<DnsAnswer<T>> {
  return seen({ records, ttlSeconds: when % 300, security: 'insecure', cnames: [], signatures: null }, when)
}

export function tls(serialNumber = '01'): TlsFacts {
  const leaf = {
    subject: 'CN=mx1.example.com',
    issuer: 'CN=Test CA',
    serialNumber,
    notBeforeAt: T0 - 30 * DAY_MS,
    notAfterAt: T0 + 60 * DAY_MS,
    dnsNames: ['mx1.example.com'],
    sha256: sha256(serialNumber),
    sha512: sha256(`512 ${serialNumber}`),
    spkiSha256: sha256('key'),
    spkiSha512: sha256('512 key'),
    keyType: 'ec',
    keyBits: 256,
  } as const
  return {
    protocol: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    chain: [leaf],
    webPkiError: null,
    linked: null,
  }
}

/** Its greeting differs from look to look, as those of the large providers do. */
export function session(address: string, when: UnixMs, facts = tls()): MxSession {
  const value = {
    greeting: `220 mx1.example.com ESMTP ${when}`,
    capabilities: ['PIPELINING', 'STARTTLS'],
    startTls: { outcome: 'established', tls: facts },
    ownAddress: null,
  } as const
  return {
    address: address as IpAddress,
    smtp: seen(value, when),
    dane: { outcome: 'skipped', because: 'no longer remembered' },
  }
}

export function mxHost(name: string, when: UnixMs, addresses: readonly string[] = ['192.0.2.25']): MxHost {
  return {
    name,
    preference: 10,
    source: 'mx',
    target: 'host',
    addresses: answer(addresses as readonly IpAddress[], when),
    tlsa: absent(when),
    tlsaBase: null,
    sessions: addresses.map((address) => session(address, when)),
    faces: [],
  }
}

export function policyFetch(address: string, when: UnixMs): PolicyFetch {
  const response = {
    status: 200,
    location: null,
    contentType: 'text/plain',
    body: 'version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 604800\r\n',
    validUtf8: true,
  }
  return { address: address as IpAddress, tls: seen(tls('02'), when), response: seen(response, when) }
}

export function snapshot(when: UnixMs, replaced: Partial<Snapshot> = {}): Snapshot {
  return {
    id: `snap_${when}` as SnapshotId,
    domain: DOMAIN,
    takenAt: when,
    stsRecord: answer(['v=STSv1; id=1;'], when),
    policyHost: {
      name: 'mta-sts.example.com' as DomainName,
      addresses: answer(['192.0.2.80' as IpAddress], when),
      fetches: [policyFetch('192.0.2.80', when)],
    },
    tlsrptRecord: answer(['v=TLSRPTv1; rua=mailto:tls@example.net'], when),
    ruaDomains: [
      {
        name: 'example.net' as DomainName,
        mx: answer([{ preference: 5, exchange: 'mail.example.net' }], when),
        addresses: { outcome: 'skipped', because: 'it has an MX' },
      },
    ],
    mx: answer([{ preference: 10, exchange: 'mx1.example.com' }], when),
    hosts: [mxHost('mx1.example.com', when)],
    zones: [],
    ...replaced,
  }
}

export function commit(taken: Snapshot, replaced: Partial<CheckCommit> = {}): CheckCommit {
  return {
    snapshot: taken,
    isUndecided: false,
    changes: [],
    policyVersion: null,
    transitions: [],
    notifications: [],
    sessions: [],
    ...replaced,
  }
}

export function policyVersion(recordId: string | null, when: UnixMs, body = 'mode: enforce'): PolicyVersion {
  return {
    domain: DOMAIN,
    recordId,
    bodySha256: sha256(body),
    body,
    mode: 'enforce',
    maxAgeSeconds: 604_800,
    mxPatterns: ['mx1.example.com'],
    firstSeenAt: when,
    lastSeenAt: when,
    horizonAt: when + 7 * DAY_MS,
  }
}

export const SUSPECTED: Phase = {
  name: 'suspected',
  sightings: 1,
  firstSightingAt: T0,
  lastSightingAt: T0,
  before: null,
}
export const OPEN: Phase = { name: 'open', openedAt: T0, rising: null }
export const RECOVERING: Phase = { name: 'recovering', openedAt: T0, clears: 1, lastClearAt: T0 }

export function resolved(when: UnixMs): Phase {
  return { name: 'resolved', openedAt: T0, resolvedAt: when }
}

export function dismissed(when: UnixMs): Phase {
  return { name: 'dismissed', dismissedAt: when }
}

export function incident(id: string, phase: Phase, replaced: Partial<Incident> = {}): Incident {
  const domain = replaced.domain === undefined ? DOMAIN : replaced.domain
  const latest: Finding = {
    code: 'mx.target.unresolvable',
    domain,
    subject: 'mx1.example.com',
    severity: 'critical',
    observedAt: T0,
    reported: [],
    atRisk: null,
    evidence: { mx: 'mx1.example.com' },
  } as Finding
  return {
    id: id as IncidentId,
    thread: `thread-${id}` as ThreadId,
    key: findingKey(latest.code, domain, id),
    domain,
    latest,
    worst: 'critical',
    firstSeenAt: T0,
    phase,
    transitions: 0,
    recentTurnsAt: [],
    flappingSince: null,
    ...replaced,
  }
}

export function transition(reason: Transition['reason'], after: Incident, when: UnixMs = T0): Transition {
  return { reason, at: when, incident: after }
}

export function notification(
  id: string,
  about: Incident,
  replaced: Partial<Notification> = {},
): Notification {
  return {
    id: id as NotificationId,
    channel: SLACK,
    thread: about.thread,
    createdAt: T0,
    notBefore: T0,
    dedupeKey: sha256(id),
    severity: 'critical',
    held: null,
    content: { kind: 'incident', reason: 'opened', incident: about, at: T0 },
    ...replaced,
  }
}

export function job(key: string, dueAt: UnixMs, replaced: Partial<NewJob> = {}): NewJob {
  return { key, kind: 'check', argument: key, dueAt, slot: null, ...replaced }
}

/** Two name servers that say the same of the MTA-STS record, each with its serial. */
export function zoneLook(when: UnixMs, serials: { ns1: number; ns2: number } = { ns1: 1, ns2: 1 }): ZoneLook {
  const reply = (records: readonly string[], serial: number | null): Observation<ServerReply> =>
    seen(
      {
        rcode: 'NOERROR',
        authoritative: true,
        isReferral: false,
        records,
        ttlSeconds: 300,
        soa:
          serial === null
            ? null
            : {
                serial,
                mname: 'ns1.example.com',
                refreshSeconds: 3_600,
                retrySeconds: 600,
                minimumSeconds: 60,
                ttlSeconds: 300,
              },
      },
      when,
    )
  const servers = (['ns1', 'ns2'] as const).map((label, index) => {
    const address = `192.0.2.${53 + index}` as IpAddress
    return {
      name: `${label}.example.com` as DomainName,
      addresses: answer([address], when),
      asked: [
        {
          address,
          soa: reply([], serials[label]),
          answers: [
            {
              name: `_mta-sts.${DOMAIN}` as DomainName,
              type: 'TXT' as const,
              reply: reply(['v=STSv1; id=1;'], null),
            },
          ],
        },
      ],
    }
  })
  return {
    name: DOMAIN,
    takenAt: when,
    nameServers: answer(
      servers.map(({ name }) => name),
      when,
    ),
    servers,
  }
}
