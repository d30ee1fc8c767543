import { describe, expect, it } from 'vitest'
import { parseTlsrptRecord } from '../../../../src/protocol/tlsrpt/record.ts'

/** The problem codes of a record with this rua. */
function told(rua: string): string[] {
  return parseTlsrptRecord([`v=TLSRPTv1; rua=${rua}`]).problems.map(
    ({ severity, code }) => `${severity} ${code}`,
  )
}

function readOne(rua: string) {
  return parseTlsrptRecord([`v=TLSRPTv1; rua=${rua}`]).value?.rua[0]
}

describe('parseTlsrptRecord', () => {
  it('reads the URIs in order, white space round the commas left out', () => {
    const { value, problems } = parseTlsrptRecord([
      'v=TLSRPTv1;rua=mailto:a@x.example \t,https://r.example/v1',
    ])
    expect(problems).toEqual([])
    expect(value?.rua).toEqual([
      { raw: 'mailto:a@x.example', scheme: 'mailto', address: 'a@x.example', mailDomain: 'x.example' },
      { raw: 'https://r.example/v1', scheme: 'https', url: 'https://r.example/v1' },
    ])
  })

  it('decodes a mail address once, and its domain to A-labels', () => {
    expect(readOne('mailto:a%21b%2525@m%C3%BCnchen.Example')).toMatchObject({
      address: 'a!b%25@xn--mnchen-3ya.example',
      mailDomain: 'xn--mnchen-3ya.example',
    })
    expect(readOne('mailto:tls%40x.example')).toMatchObject({ address: 'tls@x.example' })
    expect(readOne('mailto:tls@%5B192.0.2.1%5D')).toMatchObject({
      address: 'tls@[192.0.2.1]',
      mailDomain: null,
    })
  })

  it('unites several rua fields and says that readers differ', () => {
    const { value, problems } = parseTlsrptRecord([
      'v=TLSRPTv1;rua=mailto:a@x.example;rua=mailto:b@x.example',
    ])
    expect(value?.rua.map(({ raw }) => raw)).toEqual(['mailto:a@x.example', 'mailto:b@x.example'])
    expect(problems.map(({ code }) => code)).toEqual(['rua-repeated'])
  })

  it.each([
    ['HTTPS://r.example/', 'warning uri-scheme-case'],
    ['http://r.example/', 'warning uri-scheme-unsupported'],
    ['tel:+49-30-1', 'warning uri-scheme-unsupported'],
    ['https://user:pw@r.example/', 'warning uri-credentials'],
    ['https://r.example/#x', 'warning uri-fragment'],
    ['https://r.example:65536/', 'warning uri-host-unusable'],
    ['https://[v1.x]/', 'warning uri-host-unusable'],
    ['mailto:a@x.example%2Cb@x.example', 'warning uri-address-list'],
    ['mailto:tls@x.example#x', 'warning uri-mailto-headers'],
    ['mailto:root@localhost', 'warning uri-address-local'],
    ['mailto:a@x.example,mailto:a@x.example', 'info rua-duplicate'],
    ['mailto:a@x.example,mailto:b@x.example,mailto:c@x.example', 'warning rua-many'],
  ])('accepts %s, but tells: %s', (rua, problem) => {
    expect(told(rua)).toEqual([problem])
    expect(readOne(rua)).not.toBeUndefined()
  })

  it.each([
    'mailto:a+b@x.example',
    'https://r.example:8443',
    'https://[2001:db8::1]/x?y=(1)*$@:/?',
    'https://r.example/%2C%21%3b',
  ])('has nothing to say about %s', (rua) => {
    expect(told(rua)).toEqual([])
  })

  it.each([
    ['', 'uri-missing'],
    ['mailto:a@x.example,', 'uri-missing'],
    ['mailto:a@x.example,b@x.example', 'uri-mailto-missing'],
    ['//r.example/', 'uri-scheme-missing'],
    ['r.example/x', 'uri-scheme-missing'],
    ['1x:y', 'uri-scheme-missing'],
    ['mailto:a@x.example!10m', 'uri-size-suffix'],
    ['https://r.example/!x', 'uri-unencoded'],
    ['https://r.example/[x]', 'uri-unencoded'],
    ['https://r.example/#a#b', 'uri-unencoded'],
    ['https://r.example/\\x', 'uri-unencoded'],
    ['https://r.example/%zz', 'uri-percent'],
    ['https://r.example/%4', 'uri-percent'],
    ['https://r.example/a b', 'uri-characters'],
    ['https://r.example/\x01', 'uri-characters'],
    ['https://', 'uri-host-missing'],
    ['https:///x', 'uri-host-missing'],
    ['https:r.example', 'uri-host-missing'],
    ['https://:443/', 'uri-host-missing'],
    ['https://r.example:x/', 'uri-host-malformed'],
    ['https://[x]/', 'uri-host-malformed'],
    ['https://[192.0.2.1]x/', 'uri-host-malformed'],
    ['mailto://tls@x.example', 'uri-mailto-slashes'],
    ['mailto:', 'uri-address-malformed'],
    ['mailto:?to=a@x.example', 'uri-address-malformed'],
    ['mailto:tls', 'uri-address-malformed'],
    ['mailto:@x.example', 'uri-address-malformed'],
    ['mailto:tls@', 'uri-address-malformed'],
    ['mailto:tls@x.example.', 'uri-address-malformed'],
    ['mailto:tls@-x.example', 'uri-address-malformed'],
    ['mailto:a@b@x.example', 'uri-address-malformed'],
    ['mailto:tls@x.example%0d%0aRCPT', 'uri-address-malformed'],
    ['mailto:t%00ls@x.example', 'uri-address-malformed'],
    ['mailto:t%FFls@x.example', 'uri-address-malformed'],
  ])('refuses %j as %s', (rua, code) => {
    const { value, problems } = parseTlsrptRecord([`v=TLSRPTv1; rua=${rua}`])
    expect(value).toBeNull()
    expect(problems.map((problem) => problem.code)).toContain(code)
  })

  it.each([
    ['tls@x.example', 'rua=mailto:tls@x.example'],
    ['mailto:tls@x.example!10m', 'rua=mailto:tls@x.example'],
    ['<mailto:tls@x.example>', 'rua=mailto:tls@x.example'],
    ['mailto://tls@x.example', 'rua=mailto:tls@x.example'],
    [' mailto:tls@x.example', 'rua=mailto:tls@x.example'],
    ['https://r.example/!x', '%21'],
    ['http://r.example/', 'https://'],
    ['https:r.example/x', 'rua=https://r.example/x'],
    ['mailto:a@x.example%2Cb@y.example', 'rua=mailto:a@x.example,mailto:b@y.example'],
  ])('says of %j what to write: %s', (rua, advice) => {
    const messages = parseTlsrptRecord([`v=TLSRPTv1; rua=${rua}`]).problems.map(({ message }) => message)
    expect(messages.join(' ')).toContain(`"${advice}"`)
  })

  it('misses rua when the key is in upper case, and says so', () => {
    const { problems } = parseTlsrptRecord(['v=TLSRPTv1; RUA=mailto:tls@x.example'])
    expect(problems.map(({ code }) => code)).toEqual(['name-misspelt', 'rua-missing'])
  })
})
