import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { createAddressGuard } from '../../../src/probe/address-guard.ts'
import { parseIpAddress } from '../../../src/protocol/ip-address.ts'

const guard = createAddressGuard([])

function permits(text: string): boolean | null {
  const address = parseIpAddress(text)
  return address === null ? null : guard.permits(address)
}

const REFUSED = `
  0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254
  169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1
  192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255
  240.0.0.1 255.255.255.255
  :: ::1 ::7f00:1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 0:0:0:0:0:ffff:7f00:1 ::ffff:10.1.2.3
  ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8
  2002:7f00:1:: 2002:a00:1::1 2002:c0a8:101::1 2001:0:7f00:1::1 2001:0:808:808:0:0:80ff:fffe
  2001:0:808:808::f5ff:fffe 100::1 100:0:0:1::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
  3fff::1 3fff:fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 4000::1 1::1
`

const PUBLIC = `
  1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0
  169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
  223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1 2001:0:808:808::f7f7:f7f7
  2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001:81b::2005 3ffe::1 2001:db7::1 2001:db9::1
`

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

describe('what a probe may touch', () => {
  test.each(words(REFUSED))('refuses %s', (text) => {
    expect(permits(text)).toBe(false)
  })

  test.each(words(PUBLIC))('permits %s', (text) => {
    expect(permits(text)).toBe(true)
  })

  test.each(['fe80::1%eth0', '[::1]', '127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1', '１２７.0.0.1', ''])(
    '%j is no address at all',
    (text) => {
      expect(permits(text)).toBeNull()
    },
  )

  test('refuses the addresses of this machine', () => {
    const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
    expect(own.length).toBeGreaterThan(0)
    expect(own.map((entry) => permits(entry.address))).not.toContain(true)
  })
})

describe('what the operator allows', () => {
  const lab = createAddressGuard(['192.0.2.0/24', '2001:db8::/32', '127.0.0.9'])
  test.each([
    ['192.0.2.1', true],
    ['2001:db8::1', true],
    ['127.0.0.9', true],
    ['127.0.0.1', false],
    ['198.51.100.1', false],
    ['8.8.8.8', true],
  ])('%s: %s', (text, expected) => {
    expect(lab.permits(parseIpAddress(text) ?? expect.fail())).toBe(expected)
  })

  test.each(['10.0.0.0/40', 'localhost', '10.0.0.0/x'])('throws on the malformed block %s', (block) => {
    expect(() => createAddressGuard([block])).toThrow()
  })
})
