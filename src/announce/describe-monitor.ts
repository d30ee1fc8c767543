import { display } from '../lib/display.ts'
import type { FindingCode } from '../model/finding.ts'
import type { DnssecCode } from './catalogue-dnssec.ts'
import { durationText } from './text-time.ts'
import { code, type Describers, hostName, nameList, plural, sentence, text } from './words.ts'

/** Where no standard says anything. */
const OWN = 'about this monitor'
const SILENT = 'While this lasts nothing new is told about the domains that depends on it, good or bad.'

/** What the monitor says about itself, and about domains of which nothing can be found out. */
export const MONITOR_WORDS: Describers<
  | Exclude<
      Extract<FindingCode, `monitor.${string}`>,
      `monitor.mailbox.${string}` | `monitor.canary.${string}` | DnssecCode
    >
  | 'domain.undecided'
> = {
  'domain.undecided': ({ domain, evidence }) => {
    // Older versions told broken signatures under this code; their incidents are still shown.
    const isBogus = evidence.faults.some((fault) => fault.kind === 'dns-bogus')
    const details = [...new Set(evidence.faults.map((fault) => display(fault.detail)))].slice(0, 4).join('; ')
    return isBogus
      ? {
          title: 'DNSSEC is broken: the domain cannot be resolved by those who validate',
          seen: `The answers do not validate: ${details}.`,
          impact:
            'Senders that validate DNSSEC cannot find the MX hosts or the policy: they keep the mail in their queues.',
          remedy: [
            text(
              'Compare the DS record in the parent zone with the keys in use, and see that the signatures have not run out. If the keys are lost, remove the DS record.',
            ),
            code(`delv ${domain} MX +vtrace`),
          ],
          rfc: 'RFC 4035 §4.3',
        }
      : {
          title: "The domain's name servers do not answer",
          seen: `Nothing could be found out: ${details}. Other domains answer this monitor in the same minutes.`,
          impact:
            'Senders that hold no cached answer cannot find the MX hosts: they keep the mail in their queues.',
          remedy: [
            text('See that the authoritative name servers run and answer, over UDP and TCP:'),
            code(`dig +trace ${domain} MX`),
          ],
          rfc: 'RFC 5321 §5.1',
        }
  },

  'monitor.dns.blind': ({ evidence }) => ({
    title: 'This monitor cannot see the DNS',
    seen: `Well-known names cannot be resolved either, by ${evidence.resolvers.map((one) => display(one)).join(', ')}: ${sentence(evidence.detail)}`,
    impact: SILENT,
    remedy: [
      text('See that the resolvers run and can be reached from this machine:'),
      code(`dig ${askedBy(evidence.resolvers[0])}example.com MX`),
      text('or name others under `resolvers` in watch.yaml.'),
    ],
    rfc: 'RFC 7672 §2.1.1',
  }),
  'monitor.https.blind': ({ evidence }) => ({
    title: 'This monitor cannot reach any HTTPS server',
    seen: `Well-known hosts do not answer on port 443 either: ${sentence(evidence.detail)}`,
    impact: SILENT,
    remedy: [
      text('Open port 443 outwards, see that the trust store is current and that no proxy is in the way.'),
    ],
    rfc: 'RFC 8461 §3.3',
  }),
  'monitor.smtp.blind': ({ evidence }) => ({
    title: 'This monitor cannot reach port 25 anywhere',
    seen: `Well-known mail hosts do not answer either: ${sentence(evidence.detail)}`,
    impact: `No MX host is judged. ${SILENT}`,
    remedy: [
      text(
        'Many providers close port 25 outwards: ask yours to open it, or run the monitor elsewhere. To see it:',
      ),
      code('nc -vz gmail-smtp-in.l.google.com 25'),
    ],
    rfc: 'RFC 5321 §4.5.4',
  }),
  'monitor.mass-failure': ({ evidence }) => ({
    title: `${evidence.failing} of ${plural(evidence.of, 'domain')} fail at once`,
    seen: `So many at one time have one cause: a shared provider, or the network of this monitor. Among them ${nameList(evidence.domains)}.`,
    impact: 'Messages about the single domains are held back for one more round.',
    remedy: [
      text(
        'Look first for what they have in common: a mail host, a policy host, a name server, this machine.',
      ),
    ],
    rfc: 'RFC 8461 §5',
  }),
  'monitor.clock.skewed': ({ evidence }) => ({
    title: `The clock of this machine is ${durationText(evidence.skewMs)} ${evidence.skewMs > 0 ? 'fast' : 'slow'}`,
    seen: `Compared with ${evidence.sources.map((one) => display(one)).join(', ')}.`,
    impact: 'Dates of certificates and times in messages are wrong by as much.',
    remedy: [text('Switch time synchronisation on:'), code('timedatectl set-ntp true')],
    rfc: 'RFC 8461 §4.2',
  }),
  'monitor.config.broken': ({ evidence }) => ({
    title: `The configuration ${display(evidence.file)} cannot be used; the earlier one stays`,
    seen: sentence(evidence.problems.slice(0, 5).join('; ')),
    impact: 'Changes to the file have no effect until it is correct.',
    remedy: [
      text('Correct the file; it is read again by itself. To check it:'),
      code('stswatch check-config'),
    ],
    rfc: OWN,
  }),
  'monitor.channel.failing': ({ evidence }) => ({
    title: `Messages to the channel ${display(evidence.channel)} are not delivered`,
    seen: `${display(evidence.errorCode)}: ${sentence(evidence.error)}`,
    impact: 'Alerts for this channel go to the other channels, or wait.',
    remedy: [
      text(
        'See that the channel still exists, that the token or password in the environment is right, and that the far side can be reached.',
      ),
    ],
    rfc: OWN,
  }),
  'monitor.dkim.failing': ({ evidence }) => ({
    title: `Mail goes out without a DKIM signature of ${display(evidence.domain, 80)}`,
    seen: `The last mail was sent unsigned; the key is that of the selector ${display(evidence.selector, 80)}: ${sentence(evidence.why)}`,
    impact: 'Receivers may take alerts for spam or forgeries, and hide or refuse them.',
    remedy: [
      text('Compare the keys with what is published for them:'),
      code('stswatch dkim check'),
      text('and send a mail to see whether it is signed, by the name of an e-mail channel:'),
      code('stswatch notify test CHANNEL'),
    ],
    rfc: OWN,
  }),
  'monitor.reports.held': ({ evidence }) => ({
    title: `TLS reports of ours are held back: their signature would not count`,
    seen: `The key is that of the selector ${display(evidence.selector, 80)} of ${display(evidence.domain, 80)}: ${sentence(evidence.why)}`,
    impact:
      'A report without a valid DKIM signature must be ignored by whoever gets it. It is tried again every hour for a day, and then dropped.',
    remedy: [
      text('Compare the key with what is published for it, and publish the record that is printed:'),
      code('stswatch dkim check'),
    ],
    rfc: 'RFC 8460 §3',
  }),
  'monitor.check.failing': ({ evidence }) => ({
    title: `The domain ${hostName(evidence.domain)} cannot be looked at: stswatch has a fault`,
    seen: `The look ended in an error of our own: ${sentence(evidence.error)}`,
    impact: 'This domain is not watched until the fault is mended; the others are.',
    remedy: [
      text('Report the fault with the line "check.failed" from the log. To see whether a single look works:'),
      code(`stswatch check ${evidence.domain}`),
    ],
    rfc: OWN,
  }),
}

/** The resolver, `system` or `address:port`, as dig takes it. */
function askedBy(resolver = 'system'): string {
  if (resolver === 'system') return ''
  const [, address = resolver, port = '53'] = /^(.+):(\d+)$/.exec(resolver) ?? []
  return `@${display(address)} ${port === '53' ? '' : `-p ${port} `}`
}
