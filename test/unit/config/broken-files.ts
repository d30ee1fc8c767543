/** Files that must be refused: text, and the beginning of every sentence that is told, without the file's name. */
export const BROKEN_FILES: Readonly<Record<string, readonly [text: string, ...sentences: string[]]>> = {
  empty: ['', '1:1: found nothing, allowed: a mapping; the smallest file is: domains: [example.com].'],
  'only a comment': ['# nothing\n', '1:1: found nothing'],
  'a list at the top': ['- example.com\n', '1:1: found a list, allowed: a mapping'],
  'a text at the top': ['example.com\n', '1:1: found "example.com", allowed: a mapping'],
  'no domains': ['timezone: UTC\n', '1:1: domains: missing, wanted: a list.'],
  'domains without entries': ['domains:\n', '1:1: domains: found nothing, allowed: a list.'],
  'an empty list of domains': [
    'domains: []\n',
    '1:1: domains: found an empty list, allowed: at least one entry.',
  ],
  'domains as a text': [
    'domains: example.com\n',
    '1:10: domains: found "example.com", allowed: a list. Did you mean [example.com]?',
  ],
  'domains as a mapping': [
    'domains:\n  example.com: {}\n',
    '1:1: domains: found a mapping, allowed: a list.',
  ],
  'an empty entry': [
    'domains:\n  - a.example\n  -\n',
    '3:4: domains[1]: found nothing, allowed: a domain name, or a mapping with `name`.',
  ],
  'a number for a domain': [
    'domains: [12]\n',
    '1:11: domains[0]: found 12, allowed: a domain name, or a mapping',
  ],
  'a list for a domain': [
    'domains: [[a.example]]\n',
    '1:11: domains[0]: found a list, allowed: a domain name',
  ],
  'a domain without its name': ['domains:\n  - expect: any\n', '2:5: domains[0].name: missing'],
  'a top-level domain': [
    'domains: [com]\n',
    '1:11: domains[0]: found "com", allowed: a domain name such as example.com.',
  ],
  'an address for a domain': [
    'domains: [192.0.2.1]\n',
    '1:11: domains[0]: found "192.0.2.1", allowed: a domain name',
  ],
  'a URL for a domain': [
    'domains: ["https://example.com/x"]\n',
    '1:11: domains[0]: found "https://example.com/x", allowed: a domain name such as example.com. Did you mean "example.com"?',
  ],
  'a mail address for a domain': [
    'domains: [postmaster@example.com]\n',
    '1:11: domains[0]: found "postmaster@example.com", allowed: a domain name such as example.com. Did you mean "example.com"?',
  ],
  'a record name for a domain': [
    'domains: [_mta-sts.example.com]\n',
    '1:11: domains[0]: found "_mta-sts.example.com", allowed: a domain name such as example.com. Did you mean "example.com"?',
  ],
  'a quoted wildcard': [
    'domains: ["*.example.com"]\n',
    '1:11: domains[0]: found "*.example.com", allowed: a domain name such as example.com. Did you mean "example.com"?',
  ],
  'a bare wildcard': [
    'domains:\n  - *.example.com\n',
    '2:5: aliases (*name) are not accepted; a text that begins with * must stand in quotes',
  ],
  'a label too long': [`domains: [${'a'.repeat(64)}.example]\n`, '1:11: domains[0]: found "aaa'],
  'an empty label': ['domains: [a..example]\n', '1:11: domains[0]: found "a..example"'],
  'a name with a blank': ['domains: [exa mple.com]\n', '1:11: domains[0]: found "exa mple.com"'],
  'a control character in a name': [
    'domains: ["a\\e[2Jb.example"]\n',
    '1:11: domains[0]: found "a\\u{1b}[2Jb.example"',
  ],
  'the same domain twice': [
    'domains: [a.example, A.EXAMPLE.]\n',
    '1:22: domains[1]: found "A.EXAMPLE.", which stands in domains[0] already.',
  ],
  'the same domain in both spellings': [
    'domains: [bücher.example, {name: xn--bcher-kva.example}]\n',
    '1:34: domains[1].name: found "xn--bcher-kva.example", which stands in domains[0] already.',
  ],
  'an unknown key at the top': [
    'domain: [a.example]\n',
    '1:1: domains: missing',
    '1:1: domain: unknown key, allowed: domains,',
  ],
  'an unknown key of a domain': [
    'domains:\n  - name: a.example\n    excpet: any\n',
    '3:5: domains[0].excpet: unknown key, allowed: name, check, expect, certificate_warning_days, tags, channels, dane, other_ports, both_key_types, name_servers, submit_reports, ignore. Did you mean "expect"?',
  ],
  'an unknown key far from all': [
    'domains: [a.example]\ndefaults: {colour: red}\n',
    '2:12: defaults.colour: unknown key, allowed: check, expect, certificate_warning_days, channels, dane, other_ports, both_key_types, name_servers, ignore.',
  ],
  'another port than those': [
    'domains: [a.example]\ndefaults: {other_ports: [993, 25]}\n',
    '2:31: defaults.other_ports[1]: found 25, allowed: 465, 587, 993, 443.',
  ],
  'a port as a text': [
    'domains: [a.example]\ndefaults: {other_ports: ["993"]}\n',
    '2:26: defaults.other_ports[0]: found "993", allowed: 465, 587, 993, 443.',
  ],
  'a misspelt mode': [
    'domains:\n  - name: a.example\n    expect: enforced\n',
    '3:13: domains[0].expect: found "enforced", allowed: enforce, testing, any. Did you mean "enforce"?',
  ],
  'a switch for a mode': [
    'domains: [a.example]\ndefaults: {expect: true}\n',
    '2:20: defaults.expect: found true, allowed: enforce, testing, any.',
  ],
  'six cron fields': [
    'domains: [a.example]\ndefaults: {check: "0 */15 * * * *"}\n',
    '2:19: defaults.check: found "0 */15 * * * *", allowed: a cron line "minute hour day month weekday"; as it stands: six fields',
  ],
  'four cron fields': [
    'domains: [a.example]\ndefaults: {check: "*/15 * * *"}\n',
    '2:19: defaults.check: found "*/15 * * *", allowed: a cron line "minute hour day month weekday"; as it stands: 4 fields',
  ],
  'a cron minute out of range': [
    'domains: [{name: a.example, check: "75 * * * *"}]\n',
    '1:36: domains[0].check: found "75 * * * *", allowed: a cron line',
  ],
  'every minute': [
    'domains: [a.example]\ndefaults: {check: "* * * * *"}\n',
    '2:19: defaults.check: found "* * * * *", allowed: a cron line "minute hour day month weekday"; as it stands: it comes round at 2026-11-23T00:01Z and again at 2026-11-23T00:02Z, and the shortest interval is 5 minutes.',
  ],
  'two slots too near over the hour': [
    'domains: [a.example]\ndefaults: {check: "1,58 * * * *"}\n',
    '2:19: defaults.check: found "1,58 * * * *", allowed: a cron line "minute hour day month weekday"; as it stands: it comes round at',
  ],
  'a cron line without quotes': [
    'defaults:\n  check: */15 * * * *\ndomains: [a.example]\n',
    '2:15: aliases (*name) are not accepted; a text that begins with * must stand in quotes, e.g. check: "*/15 * * * *".',
  ],
  'a summary every half hour': [
    'domains: [a.example]\nsummary: {cron: "*/30 * * * *"}\n',
    '2:17: summary.cron: found "*/30 * * * *", allowed: a cron line',
  ],
  'an unknown time zone': [
    'timezone: Europe/Berlni\ndomains: [a.example]\n',
    '1:11: timezone: found "Europe/Berlni", allowed: an IANA time zone such as Europe/Berlin. Did you mean "Europe/Berlin"?',
  ],
  'an offset for a time zone': [
    'timezone: "+01:00"\ndomains: [a.example]\n',
    '1:11: timezone: found "+01:00", allowed: an IANA time zone',
  ],
  'warning days as a text': [
    'domains: [a.example]\ndefaults: {certificate_warning_days: 21}\n',
    '2:38: defaults.certificate_warning_days: found 21, allowed: a list. Did you mean [21]?',
  ],
  'warning days that are none': [
    'domains: [a.example]\ndefaults: {certificate_warning_days: [0, 1.5, x, 999]}\n',
    '2:39: defaults.certificate_warning_days[0]: found 0, allowed: 1 or more.',
    '2:42: defaults.certificate_warning_days[1]: found 1.5, allowed: a whole number.',
    '2:47: defaults.certificate_warning_days[2]: found "x", allowed: a whole number.',
    '2:50: defaults.certificate_warning_days[3]: found 999, allowed: 365 or less.',
  ],
  'an unknown channel': [
    'domains: [{name: a.example, channels: [opps]}]\nchannels: {ops: {type: console}}\n',
    '1:40: domains[0].channels[0]: found "opps", allowed: ops. Did you mean "ops"?',
  ],
  'a channel where there are none': [
    'domains: [{name: a.example, channels: [ops]}]\n',
    '1:40: domains[0].channels[0]: found "ops", allowed: a name from `channels`, which has none.',
  ],
  'no channel for a domain': [
    'domains: [{name: a.example, channels: []}]\n',
    '1:29: domains[0].channels: found an empty list, allowed: at least one entry.',
  ],
  'an unknown kind of channel': [
    'domains: [a.example]\nchannels: {ops: {type: slak}}\n',
    '2:24: channels.ops.type: found "slak", allowed: console, slack, email, webhook. Did you mean "slack"?',
  ],
  'a channel without its kind': [
    'domains: [a.example]\nchannels:\n  ops: {channel: "#x"}\n',
    '3:3: channels.ops.type: missing, wanted: console, slack, email, webhook.',
  ],
  'a channel that is a text': [
    'domains: [a.example]\nchannels: {ops: slack}\n',
    '2:17: channels.ops: found "slack", allowed: a mapping.',
  ],
  'a channel name with a blank': [
    'domains: [a.example]\nchannels: {my ops: {type: console}}\n',
    '2:12: channels.my ops: found "my ops", allowed: a name of letters',
  ],
  'a Slack channel after a bare #': [
    'domains: [a.example]\nchannels:\n  ops:\n    type: slack\n    channel: #mail-ops\n',
    '5:5: channels.ops.channel: found nothing, allowed: text (put it in quotes when it begins with #).',
  ],
  'a Slack channel without #': [
    'domains: [a.example]\nchannels: {ops: {type: slack, channel: mail-ops}}\n',
    '2:40: channels.ops.channel: found "mail-ops", allowed: a channel such as "#mail-ops" (in quotes) or its id such as C0123456789. Did you mean "#mail-ops"?',
  ],
  'a bad severity': [
    'domains: [a.example]\nchannels: {ops: {type: console, min_severity: warn}}\n',
    '2:47: channels.ops.min_severity: found "warn", allowed: info, warning, critical.',
  ],
  'a bad mail address': [
    'domains: [a.example]\nchannels: {p: {type: email, to: [postmaster, "A <a@b.example>"]}}\n',
    '2:34: channels.p.to[0]: found "postmaster", allowed: an address such as postmaster@example.net.',
    '2:46: channels.p.to[1]: found "A <a@b.example>"',
  ],
  'a webhook without its variable': [
    'domains: [a.example]\nchannels: {h: {type: webhook}}\n',
    '2:12: channels.h.url_env: missing',
  ],
  'a webhook variable of another name': [
    'domains: [a.example]\nchannels: {h: {type: webhook, url_env: HOOK}}\n',
    '2:40: channels.h.url_env: found "HOOK", allowed: the name of an environment variable that ends in _WEBHOOK_URL',
  ],
  'a resolver by name': [
    'domains: [a.example]\nresolvers: [dns.google]\n',
    '2:13: resolvers[0]: found "dns.google", allowed: system, or an IP address',
  ],
  'a resolver at port 0': [
    'domains: [a.example]\nresolvers: ["192.0.2.1:0"]\n',
    '2:13: resolvers[0]: found "192.0.2.1:0"',
  ],
  'a misspelt system resolver': [
    'domains: [a.example]\nresolvers: [sytsem]\n',
    '2:13: resolvers[0]: found "sytsem", allowed: system, or an IP address such as 192.0.2.53 or "[2001:db8::53]:5353". Did you mean "system"?',
  ],
  'an unknown finding code': [
    'domains: [{name: a.example, ignore: [tlsrpt.record.mising]}]\n',
    '1:38: domains[0].ignore[0]: found "tlsrpt.record.mising", allowed: a finding code (docs/findings.md lists them). Did you mean "tlsrpt.record.missing"?',
  ],
  'a finding code of the monitor': [
    'domains: [a.example]\ndefaults: {ignore: [monitor.dns.blind]}\n',
    '2:21: defaults.ignore[0]: found "monitor.dns.blind", allowed: a finding code',
  ],
  'a bad block': [
    'domains: [a.example]\negress: {allow: [10.0.0.0/33, ten, 10.0.0.0/8/8]}\n',
    '2:18: egress.allow[0]: found "10.0.0.0/33"',
    '2:31: egress.allow[1]: found "ten"',
    '2:36: egress.allow[2]: found',
  ],
  'loopback without the lab': [
    'domains: [a.example]\negress: {allow: [127.0.0.0/8, "0.0.0.0/0", "::/0"]}\n',
    '2:18: egress.allow[0]: found "127.0.0.0/8", allowed: a block without loopback addresses.',
    '2:31: egress.allow[1]',
    '2:44: egress.allow[2]',
  ],
  'a short EHLO name': [
    'domains: [a.example]\nehlo_name: box\n',
    '2:12: ehlo_name: found "box", allowed: a host name such as mail.example.com.',
  ],
  'a canary that is an address': [
    'domains: [a.example]\ncanaries: {smtp: [192.0.2.1]}\n',
    '2:19: canaries.smtp[0]: found "192.0.2.1", allowed: a host name',
  ],
  'no canary at all': [
    'domains: [a.example]\ncanaries: {dns: []}\n',
    '2:12: canaries.dns: found an empty list, allowed: at least one entry.',
  ],
  'a bad rule for read reports': [
    'domains: [a.example]\nmailbox: {after_reading: move}\n',
    '2:26: mailbox.after_reading: found "move", allowed: flag, leave, move:FOLDER.',
  ],
  'a word for a switch': [
    'domains: [a.example]\nreports: {submit: no}\n',
    '2:19: reports.submit: found "no", allowed: true, false.',
  ],
  'a tag of punctuation': [
    'domains: [{name: a.example, tags: ["!"]}]\n',
    '1:36: domains[0].tags[0]: found "!"',
  ],
  'the same key twice': [
    'domains: [a.example]\ntimezone: UTC\ntimezone: UTC\n',
    '3:1: the same key stands above already.',
  ],
  'a tab as indentation': ['domains:\n\t- a.example\n', '2:1: a tab stands where YAML wants spaces.'],
  'an unclosed bracket': [
    'domains: [a.example\n',
    '1:20: the indentation does not fit the lines around it, or a bracket is not closed.',
  ],
  'an unclosed quote': ['domains: ["a.example]\n', '1:22: a quote, bracket, colon or comma is missing'],
  'bad indentation': [
    'domains:\n  - name: a.example\n   expect: any\n',
    '3:1: a quote, bracket, colon or comma is missing',
  ],
  'two values on one line': ['timezone: UTC: x\ndomains: [a.example]\n', '1:11: a second ": " on one line'],
  'an anchor': ['domains: &list [a.example]\n', '1:16: anchors (&name) are not accepted.'],
  'an anchor on a key': ['&k domains: [a.example]\n', '1:4: anchors (&name) are not accepted.'],
  'an alias': ['a: &x 1\ndomains: *x\n', '1:7: anchors', '2:10: aliases (*name) are not accepted'],
  'an alias to nothing': ['domains: *nothing\n', '1:10: aliases (*name) are not accepted'],
  'a tag': ['domains: !!js/function "x"\n', '1:24: tags (!name) are not accepted.'],
  'a standard tag': ['domains: [!!str a.example]\n', '1:17: tags (!name) are not accepted.'],
  'a merge key': ['domains: [a.example]\n<<: {timezone: UTC}\n', '2:1: <<: unknown key'],
  'a key that is a list': ['? [a]\n: b\n', '1:3: only plain text can be a key.'],
  'a prototype': ['domains: [a.example]\n__proto__: {polluted: true}\n', '2:1: this cannot be a key.'],
  'two documents': [
    'domains: [a.example]\n---\ndomains: [b.example]\n',
    '2:1: a second document begins; the file holds exactly one.',
  ],
  'an old YAML version': ['%YAML 1.1\n---\ndomains: [a.example]\n', '1:1: directives (%) are not accepted.'],
  'too deep': [`domains: ${'['.repeat(11)}${']'.repeat(11)}\n`, '1:19: nested deeper than 10 levels.'],
}
