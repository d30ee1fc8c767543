import { expect, test } from 'vitest'
import { missedHosts, readerMatches } from '../../../src/check/match-views.ts'
import { MATCHING_READERS } from '../../../src/protocol/mta-sts/match-rules.ts'
import { matchCases } from '../../vectors/cases.ts'

test.each(matchCases.map((one) => [one.pattern, one.host, one] as const))(
  '%j against %j: each reader does what its own code did',
  (pattern, host, one) => {
    const said = MATCHING_READERS.filter((reader) => readerMatches(reader, pattern, host))
    expect(said).toEqual(MATCHING_READERS.filter((reader) => one.matched_by.includes(reader)))
  },
)

test('a host that a sender misses is told with what it is about', () => {
  const missed = missedHosts(
    ['*.example.com'],
    ['mx.example.com', 'xn--mnchen-3ya.example.com', 'mx.example.net'],
  )
  expect(missed.map(({ host, quirk, readers }) => [host, quirk, readers.map(({ id }) => id)])).toEqual([
    ['xn--mnchen-3ya.example.com', 'wildcard-a-label', ['go-mtasts']],
  ])
})

test('a host that has a line of its own is missed by nobody', () => {
  expect(missedHosts(['*.example.com', 'xn--a.example.com'], ['xn--a.example.com'])).toEqual([])
  expect(missedHosts(['*.Example.com', '*.example.com'], ['mx.example.com'])).toEqual([])
  expect(missedHosts(['*.Example.com'], ['mx.example.com']).map(({ quirk }) => quirk)).toEqual([
    'wildcard-case',
  ])
})
