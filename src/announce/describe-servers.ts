import { display } from '../lib/display.ts'
import { SECOND_MS } from '../lib/time.ts'
import type { ServerDifference } from '../model/evidence/zone-server-evidence.ts'
import type { FindingCode } from '../model/finding.ts'
import type { ZoneQuestion } from '../model/zone-look.ts'
import { durationText } from './text-time.ts'
import { addressLines, code, type Describers, type FindingOf, hostName, share, text } from './words.ts'

/** Single authoritative name servers, in words. */
export const SERVER_WORDS: Describers<Extract<FindingCode, `dns.server.${string}`>> = {
  'dns.server.stale': (finding) => {
    const { server, zone, addresses, differences, refreshSeconds } = finding.evidence
    const [first] = differences
    const asked = first ?? { name: zone, type: 'SOA' as const }
    return {
      title:
        first === undefined
          ? `Name server ${hostName(server)} is behind with the zone ${hostName(zone)}`
          : `Name server ${hostName(server)} gives other records than the rest of ${hostName(zone)}`,
      seen: [serialText(finding), ...differences.slice(0, 4).map(differenceText)].join(' '),
      impact: staleImpact(finding),
      remedy: [
        text('Compare:'),
        code(digLine(asked.name, asked.type, addresses[0] ?? server)),
        text(
          `Make ${hostName(server)} transfer the zone anew (BIND: rndc retransfer, Knot: knotc zone-retransfer, NSD: nsd-control transfer, PowerDNS: pdns_control retrieve), and see that the primary notifies it and lets it transfer:`,
        ),
        code(`dig @<primary> ${zone} AXFR`),
        text(
          `By itself it asks again every ${durationText(refreshSeconds * SECOND_MS)} (SOA refresh). ${backwards(finding)}`,
        ),
      ],
      rfc: 'RFC 1034 §4.3.5',
    }
  },

  'dns.server.mute': ({ evidence: { server, zone, failures, of } }) => ({
    title:
      of === 0
        ? `Name server ${hostName(server)} of ${hostName(zone)} has no address`
        : `Name server ${hostName(server)} of ${hostName(zone)} does not answer${share(failures.length, of)}`,
    seen:
      of === 0
        ? `The NS records of ${hostName(zone)} name it, and the DNS has neither A nor AAAA for it.`
        : `${addressLines(failures)}. Other servers of the zone answered in the same look.`,
    impact:
      'Resolvers that try it lose seconds with each question; when another server fails too, the domain may not be found at all.',
    remedy: [
      ...(of === 0
        ? [text('Publish its address:'), code(`${server}. A <address>`)]
        : [
            text('See that it runs and that port 53 is open for UDP and TCP:'),
            code(digLine(zone, 'SOA', failures[0]?.address ?? server)),
          ]),
      text('If it is gone for good, remove it here and from the delegation at the registrar:'),
      code(`${zone}. NS ${server}.`),
    ],
    rfc: 'RFC 2182 §4',
  }),

  'dns.server.lame': ({ evidence: { server, zone, failures, of } }) => ({
    title: `Name server ${hostName(server)} does not have the zone ${hostName(zone)}${share(failures.length, of)}`,
    seen: `Asked for the SOA record of ${hostName(zone)} without recursion: ${addressLines(failures)}. Other servers answer for the zone.`,
    impact:
      'Every question about the domain that reaches this server is lost and must be asked again elsewhere.',
    remedy: [
      text('Configure the zone on this server and look for errors in its log (expired, transfer refused):'),
      code(digLine(zone, 'SOA', failures[0]?.address ?? server)),
      text('Or remove it here and from the delegation at the registrar:'),
      code(`${zone}. NS ${server}.`),
    ],
    rfc: 'RFC 1912 §2.8',
  }),

  'dns.server.drops-type': ({ evidence }) => {
    const { server, dropped, failures, othersAnswer, daneAsks } = evidence
    const [first] = dropped
    const types = [...new Set(dropped.map(({ type }) => type))].join(', ')
    return {
      title: `Name server ${hostName(server)} does not answer questions for ${types}`,
      seen: `It answers for SOA; but ${addressLines(failures)}. ${othersAnswer ? 'Other servers of the zone answer the same question.' : 'No server of the zone does.'}`,
      impact: dropImpact(types, daneAsks, othersAnswer),
      remedy: [
        text(
          'Look for a firewall, load balancer or old name server that does not know the type; asked for what it has not, a server must answer with an empty NOERROR:',
        ),
        ...(first === undefined
          ? []
          : [code(digLine(first.name, first.type, failures[0]?.address ?? server))]),
      ],
      rfc: types.includes('TLSA') ? 'RFC 7672 §2.1.2' : 'RFC 1035 §4.1.1',
    }
  },
}

function serialText({ evidence }: FindingOf<'dns.server.stale'>): string {
  const { server, serial, newestSerial } = evidence
  if (serial === null || newestSerial === null) {
    return `The servers name different primaries in SOA, so that their serials (${serial ?? 'none'} at ${hostName(server)}) cannot be compared.`
  }
  if (serial === newestSerial) return `All servers have the serial ${serial}.`
  return `Serial ${serial} at ${hostName(server)}, ${newestSerial} elsewhere.`
}

function differenceText({ name, type, here, elsewhere }: ServerDifference): string {
  return `${hostName(name)} ${type}: ${recordsText(here)} here, ${recordsText(elsewhere)} elsewhere.`
}

/** RFC 1982: secondaries never take a zone whose serial went backwards. */
function backwards({ evidence: { newestSerial } }: FindingOf<'dns.server.stale'>): string {
  const above = newestSerial === null ? 'that of the secondaries' : String(newestSerial)
  return `If this is the primary itself, its serial went backwards: raise it above ${above}.`
}

function recordsText(records: readonly string[]): string {
  if (records.length === 0) return 'none'
  const rest = records.length - 3
  const shown = records.slice(0, 3).map((record) => `"${display(record, 120)}"`)
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function staleImpact({ evidence }: FindingOf<'dns.server.stale'>): string {
  switch (evidence.hurts) {
    case 'tlsa':
      return 'Senders that honour DANE and happen to ask this server hold other TLSA records against the certificate: they defer the mail.'
    case 'mx':
      return 'Senders that happen to ask this server are led to a host that the MTA-STS policy (mode enforce) does not cover: they refuse to deliver there.'
    default:
      return evidence.differences.length === 0
        ? 'The records that matter for mail are the same; the next change may reach the senders late.'
        : 'Senders act on one or the other, at random, as long as it lasts.'
  }
}

function dropImpact(types: string, daneAsks: boolean, othersAnswer: boolean): string {
  if (!types.includes('TLSA')) return 'Resolvers lose time with this server and ask another one.'
  if (!daneAsks) return 'The host is not signed with DNSSEC, so that DANE senders do not ask yet.'
  return othersAnswer
    ? 'Resolvers that try this server first lose time; where they give up, senders that honour DANE defer the mail.'
    : 'Senders that honour DANE cannot learn whether there are TLSA records: they defer all mail to the host.'
}

function digLine(name: string, type: ZoneQuestion['type'] | 'SOA', server: string): string {
  return `dig @${server} ${name} ${type} +norec`
}
