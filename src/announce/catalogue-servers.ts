import type { FindingCode } from '../model/finding.ts'
import { type Pages, THRICE, TWICE } from './catalogue-entry.ts'

/** Pages about single authoritative name servers. */
export const SERVER_PAGES: Pages<Extract<FindingCode, `dns.server.${string}`>> = {
  'dns.server.stale': {
    summary: 'One name server gives other records than the rest, or an older serial of the zone.',
    severity:
      'critical when what it gives makes senders refuse mail (another TLSA set, an MX that the policy does not cover in mode enforce); info when only the serial is older; otherwise warning',
    why: 'Whoever happens to ask this server acts on what no longer holds: some senders, at random.',
    remedy:
      'Make the server transfer the zone; see whether its address may transfer it and is notified of changes. It is told once the difference has lasted longer than the refresh time of the zone, an hour at most (a day for the serial alone).',
    rfc: 'RFC 1034 §4.3.5',
    confirmation: TWICE,
  },
  'dns.server.mute': {
    summary: 'A name server, or one of its addresses, does not answer while the others do.',
    severity: 'warning, info when only some of its addresses are silent',
    why: 'Resolvers lose seconds with it, and when another one fails the domain may vanish.',
    remedy: 'Start it, open port 53 for UDP and TCP, or take it out of the NS records and of the delegation.',
    rfc: 'RFC 2182 §4',
    confirmation: THRICE,
  },
  'dns.server.lame': {
    summary: 'A name server answers, but does not have the zone.',
    severity: 'warning, info when only some of its addresses do so',
    why: 'Each question that reaches it is lost; one server less stands between the domain and silence.',
    remedy: 'Configure the zone on the server, or take it out of the NS records and of the delegation.',
    rfc: 'RFC 1912 §2.8',
    confirmation: TWICE,
  },
  'dns.server.drops-type': {
    summary: 'A name server has the zone, but does not answer questions for one type of record (often TLSA).',
    severity: 'critical when no server answers for TLSA and DANE senders ask; otherwise warning',
    why: 'A sender that cannot learn whether there are TLSA records must defer the mail.',
    remedy: 'Look for a firewall or a load balancer that does not know the type, or update the name server.',
    rfc: 'RFC 7672 §2.1.2',
    confirmation: THRICE,
  },
}
