import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MailCase } from './dane-case.ts'
import { CERTIFICATE_CASES } from './dane-certificate-cases.ts'
import { DNS_CASES } from './dane-dns-cases.ts'
import { type DaneWorld, startDaneWorld } from './dane-world.ts'
import { type Look, lookAt } from './look-at.ts'
import { SECURE_CASES, type SecureCase } from './secure-cases.ts'
import { describeWith } from './servers/packages.ts'
import { daneVerdict, fingerVerdict, pkixVerdict } from './tls-verdict.ts'
import { type Compared, expectPage, verdictPage } from './verdict-page.ts'

const TOLD_OF_DANE = /^(?:dane\.|dnssec\.|mx\.(?:starttls|tls)\.|domain\.undecided)/
const DANE_CASES = [...CERTIFICATE_CASES, ...DNS_CASES]

describeWith(
  ['postfix', 'openssl', 'knot', 'unbound'],
  "the verdict on every case, beside that of Postfix's own sending side",
  () => {
    let world: DaneWorld
    const seen = new Map<string, Compared>()

    beforeAll(async () => {
      world = await startDaneWorld([...DANE_CASES, ...SECURE_CASES])
    })
    afterAll(() => world[Symbol.asyncDispose]())

    async function compareDane(of: MailCase): Promise<Compared> {
      const { domain, port } = world.place(of.id)
      const said = await world.finger.dane(`${domain}:${port}`)
      const look = await lookAt(world.real, domain)
      return {
        of,
        finger: fingerVerdict(said, 'dane'),
        ours: daneVerdict(look.snapshot),
        codes: look.codes('').filter((code) => TOLD_OF_DANE.test(code)),
        isCritical: isCritical(look, 'dane.'),
      }
    }

    async function comparePkix(of: SecureCase): Promise<Compared> {
      const { domain, host, port } = world.place(of.id)
      const match = [of.pattern(domain).replace(/^\*/, '')]
      const expectation = { roots: world.rootFile, sni: host, match }
      const said = await world.finger.secure(`${domain}:${port}`, expectation)
      const look = await lookAt(world.real, domain)
      return {
        of,
        finger: fingerVerdict(said, 'secure'),
        ours: pkixVerdict(look),
        codes: look.codes('mx.'),
        isCritical: isCritical(look, 'mx.'),
      }
    }

    function isCritical({ judgement }: Look, area: string): boolean {
      return judgement.findings.some(({ code, severity }) => code.startsWith(area) && severity === 'critical')
    }

    function judged(compared: Compared): void {
      const { of, finger, ours, codes, isCritical } = compared
      seen.set(of.id, compared)
      if (of.differs === null) expect(ours, finger.words).toBe(finger.verdict)
      else expect(ours, 'a reason for a difference that is none').not.toBe(finger.verdict)
      // What a person is told must be the same as what the verdict is.
      if (ours === 'refused' || ours === 'deferred') expect(codes).not.toEqual([])
      else expect(isCritical, codes.join(', ')).toBe(false)
    }

    test.each(DANE_CASES)('DANE: $id', async (of) => judged(await compareDane(of)))

    test.each(SECURE_CASES)('MTA-STS: $id', async (of) => judged(await comparePkix(of)))

    test('is what docs/dane-verdicts.md says', () => {
      const all = (cases: readonly MailCase[]) => cases.flatMap(({ id }) => seen.get(id) ?? [])
      expectPage(verdictPage(all(DANE_CASES), all(SECURE_CASES)))
    })
  },
)
