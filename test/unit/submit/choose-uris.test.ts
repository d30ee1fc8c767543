import { expect, test } from 'vitest'
import { parseReportUri } from '../../../src/protocol/tlsrpt/report-uri.ts'
import { chooseUris } from '../../../src/submit/choose-uris.ts'

function chosen(...raw: readonly string[]): readonly string[] {
  const uris = raw.map((one) => parseReportUri(one, null).value)
  return chooseUris(uris.filter((uri) => uri !== null)).map((uri) => uri.raw)
}

function destination(raw: string): string | undefined {
  const uri = parseReportUri(raw, null).value
  if (uri?.scheme === 'mailto') return uri.address
  return uri?.scheme === 'https' ? uri.url : undefined
}

test.each([
  ['mailto:tls@example.com', 'mailto:tls@example.com'],
  ['MAILTO:tls@EXAMPLE.com?subject=x', 'mailto:tls@example.com'],
  ['mailto:%74ls%40example.com#here', 'mailto:tls@example.com'],
  ['mailto:tls%2Bx=y@example.com', 'mailto:tls+x=y@example.com'],
  ['mailto:a%21b%3Fc%23d%25e@example.com', 'mailto:a%21b%3Fc%23d%25e@example.com'],
  ['mailto:tls@%5B192.0.2.1%5D', 'mailto:tls@%5B192.0.2.1%5D'],
])('%s is written %s, and reaches the same', (raw, plain) => {
  expect(chosen(raw)).toEqual([plain])
  expect(destination(plain)).toBe(destination(raw))
})

test('an endpoint keeps its path and query, and loses what is never sent', () => {
  expect(chosen('HTTPS://Reports.Example:443/In?Id=1#top')).toEqual(['https://reports.example/In?Id=1'])
})

test('an address that is written in several ways is one of the two', () => {
  expect(
    chosen(
      'mailto:a@example.com',
      'mailto:a@example.com?again',
      'mailto:%61@example.com',
      'mailto:b@example.com',
    ),
  ).toEqual(['mailto:a@example.com', 'mailto:b@example.com'])
})
