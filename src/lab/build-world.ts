/** Short ways to write a world: a healthy domain in one line, a fault in another. */

import { sha256 } from '../lib/sha256.ts'
import { CERTIFICATES } from './certificate-spec.ts'
import type {
  DnsFault,
  DnsFaultRule,
  HttpsAnswer,
  LabDomain,
  LabHost,
  LabNameServer,
  LabPolicy,
  World,
} from './world.ts'

/** A world with these parts and nothing else; everything is in good order unless said otherwise. */
export function buildWorld(parts: Partial<World> = {}): World {
  return {
    domains: [],
    hosts: [],
    records: [],
    zones: [],
    nameServers: [],
    signatures: [],
    dnsFaults: [],
    slack: null,
    inbox: null,
    imap: null,
    ...parts,
  }
}

/**
 * A domain that does everything right: one MX host `mx1.<name>`, an enforced policy that covers it, a TLSRPT record.
 * `overrides` replace whole fields.
 */
export function healthyDomain(name: string, overrides: Partial<LabDomain> = {}): LabDomain {
  const hosts = overrides.mx === undefined ? [mailHost(`mx1.${name}`)] : []
  const mx = overrides.mx ?? [{ preference: 10, exchange: `mx1.${name}` }]
  return {
    name,
    secure: false,
    ttlSeconds: 300,
    stsRecord: ['v=STSv1; id=20260101T000000Z;'],
    policy: policy(name, { mx: mx.map(({ exchange }) => exchange) }),
    tlsrptRecord: [`v=TLSRPTv1; rua=mailto:tlsrpt@${name}`],
    mx,
    addresses: [],
    hosts,
    ...overrides,
  }
}

export interface PolicyFields {
  readonly mode: string
  readonly mx: readonly string[]
  readonly maxAgeSeconds: number
}

/** A policy and the host that serves it, well. */
export function policy(
  domain: string,
  fields: Partial<PolicyFields>,
  host: Partial<LabHost> = {},
): LabPolicy {
  return { body: policyText(fields), host: policyHost(domain, host) }
}

/** A policy document (RFC 8461 §3.2) with CRLF line ends. */
export function policyText(fields: Partial<PolicyFields>): string {
  const { mode = 'enforce', mx = [], maxAgeSeconds = 604_800 } = fields
  const lines = ['version: STSv1', `mode: ${mode}`, ...mx.map((m) => `mx: ${m}`), `max_age: ${maxAgeSeconds}`]
  return `${lines.join('\r\n')}\r\n`
}

/** An MX host that does everything right. */
export function mailHost(name: string, overrides: Partial<LabHost> = {}): LabHost {
  return { ...bareHost(name), smtp: 'ok', ...overrides }
}

/** `mta-sts.<domain>`, serving HTTPS well. */
export function policyHost(domain: string, overrides: Partial<LabHost> = {}): LabHost {
  return webHost(`mta-sts.${domain}`, overrides)
}

/** A host that answers HTTPS; without a policy for its name it answers 404. */
export function webHost(name: string, overrides: Partial<LabHost> = {}): LabHost {
  return { ...bareHost(name), https: 'ok', ...overrides }
}

function bareHost(name: string): LabHost {
  return {
    name,
    addresses: [addressFor(name)],
    path: 'open',
    certificate: CERTIFICATES.good,
    smtp: null,
    https: null,
    secondCertificate: null,
    faces: {},
    byAddress: {},
  }
}

/** The documentation address (RFC 3849) that a host has unless it is given others; different for every name. */
export function addressFor(name: string): string {
  const digest = sha256(name)
  // A leading 1 keeps every group free of leading zeros, so that the text is canonical (RFC 5952 §4.1).
  const groups = [0, 3, 6].map((start) => `1${digest.slice(start, start + 3)}`)
  return `2001:db8:${groups.join(':')}::1`
}

/** A name server `ns1.<zone>` … that has its zone and answers well. */
export function nameServer(
  zone: string,
  number: number,
  overrides: Partial<LabNameServer> = {},
): LabNameServer {
  const name = `ns${number}.${zone}`
  return {
    name,
    zone,
    addresses: [addressFor(name)],
    path: 'open',
    serial: 1,
    authoritative: true,
    domain: {},
    records: null,
    faults: [],
    ...overrides,
  }
}

/** The same world with one name server edited; throws when there is none of that name. */
export function editNameServer(world: World, name: string, edit: Edit<LabNameServer>): World {
  if (!world.nameServers.some((server) => server.name === name)) {
    throw new Error(`the lab has no name server ${name}`)
  }
  const nameServers = world.nameServers.map((server) =>
    server.name === name ? applyEdit(server, edit) : server,
  )
  return { ...world, nameServers }
}

/** A redirect to `location`. */
export function redirectTo(location: string, status = 301): HttpsAnswer {
  return { status, headers: { location }, body: '' }
}

/** A 200 answer with this body and media type. */
export function textAnswer(body: string, contentType = 'text/plain'): HttpsAnswer {
  return { status: 200, headers: { 'content-type': contentType }, body }
}

/** A DNS fault at a name, for all types, at all resolvers unless said otherwise. */
export function dnsFault(
  at: string,
  fault: DnsFault,
  scope: Partial<Pick<DnsFaultRule, 'type' | 'resolver'>> = {},
): DnsFaultRule {
  return { at, fault, type: 'any', resolver: 'all', ...scope }
}

/** The same world with one domain edited; throws when there is no such domain. */
export function editDomain(world: World, name: string, edit: Edit<LabDomain>): World {
  let found = false
  const domains = world.domains.map((domain) => {
    if (domain.name !== name) return domain
    found = true
    return applyEdit(domain, edit)
  })
  if (!found) throw new Error(`the lab has no domain ${name}`)
  return { ...world, domains }
}

/** The same world with one host edited, wherever it stands (shared, a domain's own, a policy host); throws when there is none. */
export function editHost(world: World, name: string, edit: Edit<LabHost>): World {
  let found = false
  const visit = (host: LabHost): LabHost => {
    if (host.name !== name) return host
    found = true
    return applyEdit(host, edit)
  }
  const edited: World = {
    ...world,
    hosts: world.hosts.map(visit),
    domains: world.domains.map((domain) => ({
      ...domain,
      hosts: domain.hosts.map(visit),
      policy: domain.policy && { ...domain.policy, host: visit(domain.policy.host) },
    })),
  }
  if (!found) throw new Error(`the lab has no host ${name}`)
  return edited
}

/** Fields to replace, or a function from the old to the new. */
export type Edit<T> = Partial<T> | ((current: T) => T)

function applyEdit<T extends object>(current: T, edit: Edit<T>): T {
  return typeof edit === 'function' ? edit(current) : { ...current, ...edit }
}
