import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { MailCase } from './dane-case.ts'
import type { FingerVerdict, TlsVerdict } from './tls-verdict.ts'

export interface Compared {
  readonly of: MailCase
  readonly finger: FingerVerdict
  readonly ours: TlsVerdict
  readonly codes: readonly string[]
  /** Does one of them say that mail is or will be refused? */
  readonly isCritical: boolean
}

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'dane-verdicts.md')

/** docs/dane-verdicts.md: what Postfix and the product make of the same servers. */
export function verdictPage(dane: readonly Compared[], secure: readonly Compared[]): string {
  return `# Verdicts beside Postfix's own

*Written by the interop suite (\`UPDATE_GOLDEN=1 npm run interop -- test/interop/dane.test.ts\`), which compares it at every run.*

Every line is a domain with one mail host: zones signed and served by Knot, a validating Unbound, a Postfix that shows the
certificate. Postfix's sending side, \`posttls-finger\` of Debian, and stswatch look at it one after the other. **Where they
differ the remark says why; in all other lines the verdict is the same word.**

- **verified**: the server has proved who it is. *MX unsigned*: the same, and no signature protects the way to the host.
- **TLS only**: records are there and none is usable; TLS is a must, nobody is authenticated (RFC 7672 §2.2).
- **no DANE**: nothing that a signature protects; mail goes out as it would without DANE.
- **refused**: the host does not get the mail. **deferred**: it counts as unreachable, because it cannot be asked.

## DANE: \`posttls-finger -l dane\`

${table(dane)}
Without usable records \`posttls-finger\` goes on to check the certificate as for \`-l secure\`, unlike Postfix when it delivers;
that part of its answer is left out here.

## MTA-STS: \`posttls-finger -l secure\`

Postfix gets the root, the name of the host for SNI (RFC 8461 §7.1) and, as a match list, what the \`mx\` line of the policy says
(\`*.example.com\` is \`.example.com\` there).

${table(secure)}`
}

function table(rows: readonly Compared[]): string {
  const lines = rows.map(({ of, finger, ours, codes }) =>
    [
      `\`${of.id}\``,
      of.published,
      of.served,
      `**${finger.verdict}**<br>${finger.words}`,
      `**${ours}**${codes.map((code) => `<br>\`${code}\``).join('')}`,
      finger.verdict === ours ? '' : (of.differs ?? 'no reason is known'),
    ].join(' | '),
  )
  const head = ['case', 'published', 'served', 'Postfix', 'stswatch', 'remark'].join(' | ')
  return `| ${head} |\n|${'---|'.repeat(6)}\n${lines.map((line) => `| ${line} |\n`).join('')}`
}

/** Compares with the page; UPDATE_GOLDEN=1 writes it instead. */
export function expectPage(text: string): void {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, text)
  expect(existsSync(PAGE), 'docs/dane-verdicts.md is missing; make it with UPDATE_GOLDEN=1').toBe(true)
  expect(text).toBe(readFileSync(PAGE, 'utf8'))
}
