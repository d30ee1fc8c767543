import { expect, test } from 'vitest'
import { addDomains, removeDomains } from '../../../src/config/edit-domains.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'

const names = (text: string) => text.split(' ') as DomainName[]

const BLOCK = `# head
domains:   # the list
  - a.example   # first
  # about b
  - name: b.example
    tags: [x]   # tags

  - c.example

# after
timezone:   UTC
`
const FLOW = 'domains: [ a.example,  {name: b.example, tags: [x]} , c.example ] # end\n'

test.each([
  ['at the end of a block', BLOCK, BLOCK.replace('  - c.example\n', '  - c.example\n  - n.example\n')],
  [
    'behind a mapping',
    'domains:\n- name: a.example\n  tags:\n  - x\n# end\n',
    'domains:\n- name: a.example\n  tags:\n  - x\n- n.example\n# end\n',
  ],
  ['at the end of a flow list', FLOW, FLOW.replace('c.example ]', 'c.example, n.example ]')],
  ['after a last comma', 'domains: [a.example,]\n', 'domains: [a.example, n.example,]\n'],
  [
    'to a list on several lines',
    'domains: [\n  a.example, # a\n  b.example # b\n]\n',
    'domains: [\n  a.example, # a\n  b.example, n.example # b\n]\n',
  ],
  ['to an empty list', 'domains: []\n', 'domains: [n.example]\n'],
  ['without a last line break', 'domains:\n  - a.example', 'domains:\n  - a.example\n  - n.example\n'],
  [
    'with line breaks as they are',
    'domains:\r\n  - a.example\r\n',
    'domains:\r\n  - a.example\r\n  - n.example\r\n',
  ],
])('adds %s and leaves every other byte', (_, before, after) => {
  expect(addDomains(before, names('n.example'))).toBe(after)
})

test.each([
  ['the first of a block', BLOCK, 'a.example', BLOCK.replace('  - a.example   # first\n', '')],
  ['a mapping', BLOCK, 'b.example', BLOCK.replace('  - name: b.example\n    tags: [x]   # tags\n', '')],
  ['the last of a block', BLOCK, 'c.example', BLOCK.replace('  - c.example\n', '')],
  [
    'several',
    BLOCK,
    'a.example c.example',
    BLOCK.replace('  - a.example   # first\n', '').replace('  - c.example\n', ''),
  ],
  ['the first of a flow list', FLOW, 'a.example', FLOW.replace('a.example,  ', '')],
  ['one in the middle', FLOW, 'b.example', FLOW.replace('{name: b.example, tags: [x]} , ', '')],
  ['the last two', FLOW, 'b.example c.example', 'domains: [ a.example ] # end\n'],
  ['none that is not there', BLOCK, 'x.example', BLOCK],
])('removes %s and leaves every other byte', (_, before, gone, after) => {
  expect(removeDomains(before, new Set(names(gone)))).toBe(after)
})

test('writes international names as people do, and quotes what YAML would take for a number', () => {
  expect(addDomains('domains: []', names('xn--bcher-kva.example 1.2e3'))).toBe(
    'domains: [bücher.example, "1.2e3"]',
  )
})

test.each(['domains:\n', 'timezone: UTC\n', 'domains: {a: 1}\n', ''])('%j has no list to edit', (text) => {
  expect(addDomains(text, names('n.example'))).toBeNull()
  expect(removeDomains(text, new Set(names('n.example')))).toBeNull()
})
