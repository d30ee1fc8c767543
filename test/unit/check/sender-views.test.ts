import { describe, expect, test } from 'vitest'
import {
  policyViews,
  recordViews,
  refusingSenders,
  type SenderView,
} from '../../../src/check/sender-views.ts'
import { READERS } from '../../../src/protocol/mta-sts/readers.ts'
import { policyCases, stsRecordCases } from '../../vectors/cases.ts'
import { policyBody } from './snapshot-builder.ts'

/** What the readers themselves did with the input of a case. */
interface Seen {
  readonly id: string
  readonly accepted_by?: readonly string[]
  readonly rejected_by?: readonly string[]
  readonly differs?: Readonly<Record<string, unknown>>
}

/** Single answers that no rule gives: one parser's own way with one input. */
const NOT_COVERED: Readonly<Record<string, string>> = {
  'vertical-tab-split': 'postfix-mta-sts-resolver ends lines at it and so finds all fields',
  'html-with-policy': 'four readers find the policy among the markup',
  'big-64k': 'its input is a rule for making it',
  utf16: 'chasquid, stalwart and mailauth refuse it for other reasons',
  'only-newline': 'checkdmarc takes an empty file for mode none',
  'ext-name-hyphen-start': 'mox allows it',
  'yaml-list': 'postfix-mta-sts-resolver bears the blank before a hyphen',
  'many-spaces': 'KumoMTA does not bear blanks before the last semicolon',
  'ext-colon-slash': 'two readers do not bear the value',
  'id-colon-time': 'mailauth does not bear the colon',
  'id-space-inside': 'go-mtasts does not bear the blank',
  'newline-inside': 'only two readers mind it',
  'id-upper-key': 'some readers take ID for id',
  'one-valid-one-spaced': 'which of the two counts differs',
}

function refusals(views: readonly SenderView[]): readonly string[] {
  return views.flatMap(({ reader, outcome }) => (outcome === 'refuses' ? [reader.id] : [])).sort()
}

function differing(views: readonly SenderView[]): readonly string[] {
  return views.flatMap(({ reader, outcome }) => (outcome === 'otherwise' ? [reader.id] : [])).sort()
}

const ids = new Set<string>(READERS.map(({ id }) => id))
const known = (names: readonly string[] = []) => names.filter((name) => ids.has(name)).sort()

function covered<C extends Seen>(cases: readonly C[]): readonly C[] {
  return cases.filter(({ id }) => NOT_COVERED[id] === undefined)
}

describe('what known readers do with a policy is what their own parsers did', () => {
  const cases = covered(policyCases as readonly (Seen & { input?: string; input_b64?: string })[])

  test('with nearly all of the cases', () => {
    expect(cases.length / policyCases.length).toBeGreaterThan(0.9)
  })

  test.each(cases.map((one) => [one.id, one] as const))('%s', (_, one) => {
    const body = one.input ?? Buffer.from(one.input_b64 ?? '', 'base64').toString('utf8')
    const views = policyViews(body)
    expect(refusals(views)).toEqual(known(one.rejected_by))
    expect(differing(views)).toEqual(expect.arrayContaining(known(Object.keys(one.differs ?? {}))))
  })
})

describe('what known readers do with a record is what their own parsers did', () => {
  const cases = covered(stsRecordCases as readonly (Seen & { records: readonly string[] })[])

  test('with most of the cases', () => {
    expect(cases.length / stsRecordCases.length).toBeGreaterThan(0.75)
  })

  test.each(cases.map((one) => [one.id, one] as const))('%s', (_, one) => {
    expect(refusals(recordViews(one.records))).toEqual(known(one.rejected_by))
  })
})

test('a text that all read has nothing to say', () => {
  expect(policyViews(policyBody()).every(({ outcome }) => outcome === 'reads')).toBe(true)
  expect(recordViews(['v=STSv1; id=1;']).every(({ outcome }) => outcome === 'reads')).toBe(true)
})

test('a blank last line, by line and by the names that users know', () => {
  const views = policyViews(policyBody({ tail: '\r\n' }))
  expect(refusingSenders(views)).toEqual(['Postfix with postfix-tlspol', 'mox', 'maddy (go-mtasts)'])
  expect(views.find(({ reader }) => reader.id === 'mox')?.because).toEqual([
    { quirk: 'blank-line', line: 6, reads: null },
  ])
})

test('a max_age of many digits is held against the maximum as well', () => {
  const refusing = (value: string) =>
    refusingSenders(policyViews(policyBody().replace(/max_age: \d+/, `max_age: ${value}`)))
  expect(refusing('00000604800')).toEqual(['Postfix with postfix-tlspol', 'mox'])
  expect(refusing('99999999999')).toContain('chasquid')
})
