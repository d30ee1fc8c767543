import { spawnSync } from 'node:child_process'
import type { KeyObject } from 'node:crypto'
import { expect, it } from 'vitest'
import { type Authentication, authenticate } from '../../src/mailbox/authenticate.ts'
import type { KeyLookUp } from '../../src/mailbox/signing-key.ts'
import { ed25519Key, rsaKey } from '../unit/mailbox/dkim-signer.ts'
import { HUMAN, MACHINE, mail } from '../unit/mailbox/mail-builder.ts'
import { describeWith } from './servers/packages.ts'

const PLAIN = mail({ parts: [{ ...HUMAN, body: 'A  report \t\r\nof today.\r\n\r\n\r\n' }, MACHINE] })
const rsa = rsaKey(2048)
const ed25519 = ed25519Key()

// Debian's own Python has the package; another one may come first in PATH.
const PYTHON = '/usr/bin/python3'
const DKIMPY = `
import sys, dkim
key, algorithm, header, body, tlsrpt = (argument.encode() for argument in sys.argv[1:6])
mail = sys.stdin.buffer.read()
names = [b'from', b'to', b'subject', b'date', b'tls-report-domain', b'tls-report-submitter', b'content-type']
signature = dkim.sign(mail, b'sel', b'sender.example', key, canonicalize=(header, body),
    signature_algorithm=algorithm, include_headers=names, tlsrpt=tlsrpt == b'yes')
sys.stdout.buffer.write(signature + mail)
`
const MAIL_DKIM = `
use Mail::DKIM::Signer; use Mail::DKIM::PrivateKey;
my ($key, $algorithm, $method) = @ARGV;
binmode STDIN; binmode STDOUT;
my $signer = Mail::DKIM::Signer->new(Algorithm => $algorithm, Method => $method, Domain => 'sender.example',
  Selector => 'sel', Headers => 'tls-report-domain:tls-report-submitter',
  Key => Mail::DKIM::PrivateKey->load(Data => $key));
my $mail = join '', <STDIN>;
$signer->PRINT($mail); $signer->CLOSE;
print $signer->signature->as_string, "\\r\\n", $mail;
`

function run(command: string, args: readonly string[], input: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync(command, args, { input, maxBuffer: 10_000_000 })
  if (status !== 0) throw new Error(`${command} failed: ${stderr.toString().slice(-2_000)}`)
  return stdout
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs1', format: 'pem' }).toString()
}

/** PEM without its frame, as Mail::DKIM wants it. */
function bare(key: KeyObject): string {
  return key.export({ type: 'pkcs1', format: 'der' }).toString('base64')
}

function seed(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('base64')
}

async function judge(bytes: Buffer, record: string): Promise<Authentication> {
  const answer: KeyLookUp = { outcome: 'found', texts: [record] }
  return authenticate(bytes, async () => answer, Date.now(), { trustAuthservId: null })
}

const TAMPERINGS: readonly [string, (text: string) => string][] = [
  ['a word of the body', (text) => text.replace('of today', 'of Friday')],
  ['a line after the body', (text) => `${text}more\r\n`],
  ['the Subject', (text) => text.replace('Report-ID: <r1', 'Report-ID: <r2')],
  ['the From address', (text) => text.replace('tls@sender', 'tlz@sender')],
  [
    'the TLS-Report-Domain',
    (text) => text.replace('TLS-Report-Domain: a.example', 'TLS-Report-Domain: b.example'),
  ],
  ['the day of expiry', (text) => text.replace(' s=sel;', ' s=sel; x=9999999999;')],
]

async function expectSound(bytes: Buffer, record: string): Promise<void> {
  expect(await judge(bytes, record)).toEqual({ trust: 'verified', signer: 'sender.example', selector: 'sel' })
  for (const [what, tamper] of TAMPERINGS) {
    const text = bytes.toString('latin1')
    const changed = tamper(text)
    expect(changed, what).not.toBe(text)
    expect(await judge(Buffer.from(changed, 'latin1'), record), what).toMatchObject({ trust: 'unverified' })
  }
}

const WAYS = ['relaxed', 'simple'].flatMap((header) => ['relaxed', 'simple'].map((body) => [header, body]))

describeWith(['python3-dkim'], 'mails signed by dkimpy', () => {
  it.each(WAYS)('RSA, %s/%s', async (header = '', body = '') => {
    const bytes = run(PYTHON, ['-c', DKIMPY, pem(rsa.privateKey), 'rsa-sha256', header, body, 'no'], PLAIN)
    await expectSound(bytes, `v=DKIM1; k=rsa; p=${rsa.p}`)
  })

  it.each(WAYS)('Ed25519, %s/%s, for TLS reports alone', async (header = '', body = '') => {
    const args = ['-c', DKIMPY, seed(ed25519.privateKey), 'ed25519-sha256', header, body, 'yes']
    await expectSound(run(PYTHON, args, PLAIN), `v=DKIM1; k=ed25519; s=tlsrpt; p=${ed25519.p}`)
  })
})

describeWith(['libmail-dkim-perl'], 'mails signed by Mail::DKIM', () => {
  it.each(WAYS)('RSA, %s/%s', async (header, body) => {
    const bytes = run(
      'perl',
      ['-e', MAIL_DKIM, bare(rsa.privateKey), 'rsa-sha256', `${header}/${body}`],
      PLAIN,
    )
    await expectSound(bytes, `v=DKIM1; p=${rsa.p}`)
  })

  it('sha1 is refused', async () => {
    const bytes = run('perl', ['-e', MAIL_DKIM, bare(rsa.privateKey), 'rsa-sha1', 'relaxed/relaxed'], PLAIN)
    expect(await judge(bytes, `v=DKIM1; p=${rsa.p}`)).toMatchObject({ because: 'algorithm-too-weak' })
  })
})
