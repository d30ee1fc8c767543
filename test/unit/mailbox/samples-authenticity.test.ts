import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/time.ts'
import { openIntake, THREAD_LIMITS } from '../../../src/mailbox/open-intake.ts'
import { startLabKeys } from './lab-keys.ts'

/** Mails of real senders lie beside the repository, not in it: they are not ours to publish. */
const FOLDER = join(import.meta.dirname, '../../../../shared/samples/tlsrpt')

if (!existsSync(FOLDER)) {
  process.stderr.write(`\nNOT TESTED: no sample mails at ${FOLDER}; real senders' mails were not read.\n\n`)
  it('sample mails are there in CI', () => {
    expect(process.env.CI, `${FOLDER} is missing`).not.toBe('true')
  })
} else {
  describe('mails of real senders, whose keys are not to be had here', () => {
    it('are read, and nobody answers for them, for a reason that fits', async () => {
      await using dns = await startLabKeys([])
      await using intake = openIntake({
        resolver: dns.resolver,
        clock: systemClock,
        trustAuthservId: null,
        limits: THREAD_LIMITS,
      })
      const names = readdirSync(FOLDER).filter((name) => /^\d/.test(name))
      expect(names.length).toBeGreaterThan(10)
      for (const name of names) {
        const bytes = readFileSync(join(FOLDER, name))
        const { result } = await intake.read(bytes, { kind: 'file', name }, new AbortController().signal)
        if (result.kind !== 'reports') {
          expect(['rejected', 'not-a-report'], name).toContain(result.kind)
          continue
        }
        const isMail = name.endsWith('.eml')
        const reasons = isMail
          ? ['key-missing', 'signature-expired', 'signature-broken', 'header-unsigned', 'unsigned']
          : ['no-mail']
        const { authenticity } = result
        expect(reasons, name).toContain('because' in authenticity ? authenticity.because : authenticity.trust)
      }
    })
  })
}
