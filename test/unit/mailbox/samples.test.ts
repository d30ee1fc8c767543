import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readReports } from '../../../src/mailbox/read-reports.ts'
import { sumSessions } from '../../../src/protocol/tlsrpt/report.ts'

/** Reports of real senders lie beside the repository, not in it: they are not ours to publish. */
const FOLDER = join(import.meta.dirname, '../../../../shared/samples/tlsrpt')
const MANIFEST = join(FOLDER, 'MANIFEST.tsv')

function manifest(): readonly { readonly file: string; readonly expected: string }[] {
  const [names = '', ...lines] = readFileSync(MANIFEST, 'utf8').trimEnd().split('\n')
  const at = (name: string) => names.split('\t').indexOf(name)
  return lines.map((line) => {
    const cells = line.split('\t')
    return { file: cells[at('file')] ?? '', expected: cells[at('expected')] ?? '' }
  })
}

if (!existsSync(MANIFEST)) {
  process.stderr.write(
    `\nNOT TESTED: no sample reports at ${FOLDER}; real senders' reports were not read.\n\n`,
  )
  it('sample reports are there in CI', () => {
    expect(process.env.CI, `${MANIFEST} is missing`).not.toBe('true')
  })
} else {
  describe('sample reports come out as the manifest says', () => {
    it.each(manifest())('$file: $expected', async ({ file, expected }) => {
      const { outcome, reports } = await readReports(readFileSync(join(FOLDER, file)), file)
      const { success, failure } = sumSessions(reports)
      const policies = reports.flatMap((report) => report.policies).length
      const sums = `success=${success} failure=${failure} policies=${policies}`
      expect(outcome === 'reject' ? 'no report' : sums).toBe(expected.replace(' (tolerant) or reject', ''))
    })
  })
}
