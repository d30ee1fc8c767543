import { spawn } from 'node:child_process'
import type { Endpoint } from '../../src/model/route.ts'

/** Selector → `pass`, or what the verifier says instead. */
export type Verdicts = Readonly<Record<string, string>>

/** Verifies every signature of a mail (CRLF) against the keys that this DNS server has. */
export type DkimVerifier = (raw: string, dns: Endpoint) => Promise<Verdicts>

const DKIMPY = `
import json, sys, dkim, dns.resolver
host, port, tlsrpt = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = [host], port
def txt(name, timeout=5):
    answer = resolver.resolve(name.decode() if isinstance(name, bytes) else name, 'TXT')
    return b''.join(answer[0].strings)
raw, said = sys.stdin.buffer.read(), {}
count = raw.split(b'\\r\\n\\r\\n', 1)[0].count(b'DKIM-Signature:')
for index in range(count):
    one = dkim.DKIM(raw, minkey=1024, tlsrpt=tlsrpt)
    try:
        held = one.verify(index, dnsfunc=txt)
        said[one.selector.decode()] = 'pass' if held else 'fail'
    except dkim.DKIMException as error:
        said[one.selector.decode() if one.selector else str(index)] = str(error)
print(json.dumps(said))
`

const MAIL_DKIM = `
use Mail::DKIM::Verifier; use Net::DNS; use JSON::PP;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(nameservers => [$ARGV[0]], port => $ARGV[1], recurse => 1));
my $raw = do { local $/; binmode STDIN; <STDIN> };
my $verifier = Mail::DKIM::Verifier->new();
$verifier->PRINT($raw); $verifier->CLOSE;
my %said = map { $_->selector => $_->result eq 'pass' ? 'pass' : $_->result_detail } $verifier->signatures;
print encode_json(\\%said);
`

/** Debian's dkimpy. `tlsrpt`: keys for TLS reports count as well, or, `strict`, alone. */
export function dkimpy(tlsrpt: boolean | 'strict'): DkimVerifier {
  return (raw, { host, port }) =>
    run('/usr/bin/python3', ['-c', DKIMPY, host, String(port), JSON.stringify(tlsrpt)], raw)
}

/** Perl's Mail::DKIM, which SpamAssassin uses. */
export const mailDkim: DkimVerifier = (raw, { host, port }) =>
  run('/usr/bin/perl', ['-e', MAIL_DKIM, host, String(port)], raw)

async function run(command: string, args: readonly string[], input: string): Promise<Verdicts> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  child.stdin.end(Buffer.from(input, 'latin1'))
  const status = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${err}`)
  return JSON.parse(out) as Verdicts
}
