import { describe, expect, it } from 'vitest'
import { CATALOGUE, catalogueEntry, printEntry, printFindingsPage } from '../../../src/announce/catalogue.ts'
import { CONFIRMATIONS } from '../../../src/incident/confirmation.ts'
import { MINUTE_MS } from '../../../src/lib/time.ts'
import { FINDING_CODES } from '../../../src/model/finding-codes.ts'

describe('the catalogue', () => {
  it('has one entry for every code, in whole sentences', () => {
    expect(CATALOGUE.map((entry) => entry.code)).toEqual(FINDING_CODES)
    for (const { summary, why, remedy } of CATALOGUE) {
      for (const sentence of [summary, why, remedy]) expect(sentence).toMatch(/^[A-Z].*\.$/)
    }
  })

  it.each(FINDING_CODES)('tells how often %s must be seen as the incident rules have it', (code) => {
    const { sightings, sightingSpanMs } = CONFIRMATIONS[code]
    expect(catalogueEntry(code).confirmation).toEqual({
      looks: sightings,
      minutes: sightingSpanMs / MINUTE_MS,
    })
  })

  it('prints a page with a section a code that its table links to', () => {
    const page = printFindingsPage()
    for (const code of FINDING_CODES) {
      expect(page).toContain(`\n## ${code}\n`)
      expect(page).toContain(`[\`${code}\`](#${code.replaceAll('.', '')})`)
    }
    expect(page).not.toMatch(/<domain>/)
  })

  it('prints one entry as plain text', () => {
    expect(printEntry(catalogueEntry('mta-sts.policy.mx-uncovered'))).toMatch(
      /^mta-sts\.policy\.mx-uncovered\n\n.*\n\nSeverity: {2}critical in mode enforce.*\nTold: {6}when 2 looks over at least 5 minutes agree\n/,
    )
  })
})
