import { POLICY_QUIRK_WORDS, quirkWords } from '../../src/announce/quirk-words.ts'
import { MATCH_RULES } from '../../src/protocol/mta-sts/match-rules.ts'
import { POLICY_RULES } from '../../src/protocol/mta-sts/policy-rules.ts'
import { READERS, type ReaderId, type ReaderRule } from '../../src/protocol/mta-sts/readers.ts'
import { RECORD_RULES } from '../../src/protocol/mta-sts/record-rules.ts'

/** docs/policy.md: the words are here, the tables are the rules that the program goes by. */
export function printPolicyPage(): string {
  const policyRows = Object.entries(POLICY_RULES).map(([quirk, rule]) =>
    rowOf(POLICY_QUIRK_WORDS[quirk as keyof typeof POLICY_QUIRK_WORDS], rule),
  )
  const recordRows = Object.entries(RECORD_RULES).map(([code, rule]) => rowOf(quirkWords(code), rule))
  const matchRows = Object.values(MATCH_RULES).map(
    ({ what, yes, no }) => `| ${what} | ${columns(yes)} | ${columns(no)} |`,
  )
  return `${WORDS}
## Which known programs read what

Each program's own parser was run on the inputs in \`test/vectors\`, and \`test/unit/check/sender-views.test.ts\` holds these tables against
what it did; where its source code was read as well, the last column says so. **X**: refused, the program acts as if there were no policy
or keeps the copy it has. Words: it reads that instead. Empty: read as RFC 8461 says, or taken although RFC 8461 forbids it. checkdmarc
sends no mail; no finding rests on it.

### The policy file (RFC 8461 §3.2)

${HEAD}
${policyRows.join('\n')}

### The record at \`_mta-sts\` (RFC 8461 §3.1)

${HEAD}
${recordRows.join('\n')}

### MX hosts against the mx lines (RFC 8461 §4.1)

In all other pairs these programs say what RFC 8461 says. The two programs beside Postfix hand the patterns on, and Postfix matches by itself.

| what | covered, say | not covered, say |
|---|---|---|
${matchRows.join('\n')}

A program that is not in the tables may do otherwise: Google, Microsoft and most of the large senders publish no source code. What they
refuse shows in their reports ([reports.md](reports.md)).
`
}

/** Short enough for a column. */
const COLUMNS: Readonly<Record<ReaderId, string>> = {
  'postfix-mta-sts-resolver': 'postfix-mta-sts-resolver',
  tlspol: 'postfix-tlspol',
  mox: 'mox',
  stalwart: 'Stalwart',
  'go-mtasts': 'maddy (go-mtasts)',
  chasquid: 'chasquid',
  kumomta: 'KumoMTA',
  mailauth: 'mailauth',
  checkdmarc: '*checkdmarc*',
}

function columns(ids: readonly ReaderId[]): string {
  return ids.map((id) => COLUMNS[id]).join(', ')
}

const HEAD = `| what | ${READERS.map(({ id }) => COLUMNS[id]).join(' | ')} | known from |
|---|${'---|'.repeat(READERS.length + 1)}`

function rowOf(what: string, rule: ReaderRule): string {
  const cells = READERS.map(({ id }) => (rule.refuse.includes(id) ? '**X**' : (rule.otherwise[id] ?? '')))
  return `| ${[what, ...cells, rule.source].join(' | ')} |`
}

const WORDS = `# Policies: read, make, try

*Printed from test/docs/policy-page.ts and the rules in src/protocol/mta-sts by \`npm run docs\`.*

## Read: \`stswatch policy lint FILE|DOMAIN\`

    stswatch policy lint public/mta-sts.txt
    stswatch policy lint example.org
    curl -s https://mta-sts.example.org/.well-known/mta-sts.txt | stswatch policy lint -

Says two things about the text: what RFC 8461 says of it, with every problem, its line and its section; and which of the known programs refuse
it or read something else. They differ: a blank line at the end is refused by three of the eight known senders, a key that stands twice
makes five of them take the other value. Then it prints the policy as all of them read it, and the record that goes with it. What it had to
decide or to leave out (no mode, an mx line that covers nothing) is said with "Mind".

For a domain it looks as the monitor does, and tells of the record at \`_mta-sts\`, of every text that the addresses of the policy host serve, and of
all other findings about them: how they are served, MX hosts that no line covers, a text that changed under the same id.

A name that ends in \`.txt\`, holds a slash or is there as a file is a file; files may have up to 2 MiB. \`--json\` prints the same as one object.
Exit status: 0 clean; 1 not: an error or warning of RFC 8461, or a known sender that does not read it; 3 record or policy of a domain could not be
found out; 66 the file cannot be read.

## Make: \`stswatch policy generate DOMAIN\`

    stswatch policy generate example.org
    stswatch policy generate --mode enforce --max-age 1209600 example.org
    stswatch policy generate --rua tls-reports@example.org --out public example.org

Looks at the domain and prints the policy for its live MX hosts, then what to publish, in the order in which it is safe: the file first, the record
when every address serves it.

- The mode is \`testing\` and \`max_age\` a week unless you say otherwise. Hosts are named one by one, as A-labels, sorted;
  only \`--wildcard\` covers their neighbours, and never a whole public suffix.
- The id is the beginning of the SHA-256 of the text: the same hosts give the same file and the same id, any change of the file another id.
- \`--rua\` (a mail address or an https URL) adds the record at \`_smtp._tls\`.
- \`--out DIRECTORY\` writes \`mta-sts.txt\` with CRLF and \`<domain>.zone\`. A file with another text is never overwritten.
- MX hosts that senders would refuse in mode enforce are named with the reason: exit status 1. A domain without a host to name gets no policy but in
  mode none: 1 as well. When the MX records cannot be found out nothing is made: exit status 3.

## Try: \`stswatch check DOMAIN\` with what-if options

    stswatch check --policy new.txt example.org
    stswatch check --mx mx1.example.net --mx "20 mx2.example.net" --policy new.txt example.org
    stswatch check --tlsa "mx1.example.org 3 1 1 6f3a…" example.org

Judges a world that is not published yet, one domain at a time. The output begins with what was supposed; nothing is stored, and the exit status is that of
\`check\`.

| option | supposed | not touched |
|---|---|---|
| \`--policy FILE\` (\`-\`: standard input) | every address of the policy host serves this text without fault, under a new id | what the policy host serves now is left aside; a certificate of it that senders accept is still held against its end |
| \`--sts-record TEXT\` | the one record at \`_mta-sts\` | |
| \`--mx HOST\` or \`"PREFERENCE HOST"\`, repeated; \`.\` is the null MX | the MX records, as secure as those that are there | the hosts: addresses, STARTTLS, certificates and TLSA records are really looked at |
| \`--tlsa "3 1 1 HEX"\` for every MX host, \`--tlsa "HOST 3 1 1 HEX"\` or the line of a zone file, repeated | the TLSA records for port 25, and that they and the host's addresses are signed by DNSSEC | whether the MX records are signed; the chain that the host sends |

What was supposed is no proof that this machine can see: without network everything stays undecided.
`
