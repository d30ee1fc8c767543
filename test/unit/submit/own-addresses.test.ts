import { expect, test } from 'vitest'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { parseReportUri } from '../../../src/protocol/tlsrpt/report-uri.ts'
import type { UsableUri } from '../../../src/submit/choose-uris.ts'
import { type Ownership, ownAddresses } from '../../../src/submit/own-addresses.ts'

const WATCHED = ['example.com', 'shop.example.co.uk'] as DomainName[]
const BY_DOMAIN: Ownership = { named: null, watched: WATCHED, mailboxUser: null }

function uri(text: string): UsableUri {
  const parsed = parseReportUri(text, 1).value
  if (parsed === null || parsed.scheme === 'unsupported') throw new Error(text)
  return parsed
}

function own(texts: readonly string[], ownership: Partial<Ownership> = {}): readonly string[] {
  const published = new Map([['example.com' as DomainName, texts.map(uri)]])
  return ownAddresses(published, { ...BY_DOMAIN, ...ownership }).map(({ rua }) => rua)
}

test.each([
  ['mailto:tls@example.com', true],
  ['mailto:tls@reports.example.com', true],
  ['https://tls.example.com/v1', true],
  ['mailto:tls@example.co.uk', true],
  ['mailto:tls@co.uk', false],
  ['mailto:tls@example.com.evil.example', false],
  ['mailto:x@tlsrpt.service.example', false],
  ['https://reports.service.example/v1', false],
])('%s belongs to a watched domain: %s', (text, isOwn) => {
  expect(own([text])).toEqual(isOwn ? [text] : [])
})

test('what is in the domain of the mailbox is ours as well, if its user is an address', () => {
  expect(own(['mailto:tls@example.net'], { mailboxUser: 'tls@example.net' })).toHaveLength(1)
  expect(own(['mailto:tls@example.net'], { mailboxUser: 'tls' })).toHaveLength(0)
})

test('those that are named are ours, and no others', () => {
  const named = ['mailto:Tls@service.example']
  expect(own(['mailto:tls@service.example', 'mailto:tls@example.com'], { named })).toEqual([
    'mailto:tls@service.example',
  ])
})

test('an address that several domains publish is one, with all of them', () => {
  const shared = uri('mailto:tls@example.com')
  const other = uri('mailto:TLS@example.com')
  const published = new Map(WATCHED.map((domain) => [domain, [shared, other]] as const))
  expect(ownAddresses(published, BY_DOMAIN)).toEqual([{ rua: shared.raw, domains: WATCHED }])
})
