import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { printConfigurationPage } from '../../../src/config/configuration-page.ts'
import { ENV_VARIABLES } from '../../../src/config/env-variables.ts'
import { parseWatchConfig } from '../../../src/config/parse-watch-config.ts'
import { printWatchSchema } from '../../../src/config/watch-json-schema.ts'

const CONTEXT = { hostname: 'monitor.example.net', now: Date.UTC(2026, 10, 23), lab: false }
const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('the shipped watch list loads, as it is and with every example in it switched on', () => {
  const shipped = read('config/watch.yaml')
  expect(shipped).toMatch(/^# yaml-language-server: \$schema=\.\/watch\.schema\.json\n/)
  // An example is a comment that begins with a key or an entry and goes on further in.
  const examples = shipped.replace(/^( *)# ((?: {2})*(?:- )?[a-z_]+:(?: .*)?)$/gm, '$1$2')
  for (const text of [shipped, examples]) {
    const loaded = parseWatchConfig(text, 'config/watch.yaml', CONTEXT)
    expect(loaded.ok ? [] : loaded.problems).toEqual([])
  }
  const all = parseWatchConfig(examples, 'config/watch.yaml', CONTEXT)
  expect(all.ok && [...all.config.channels.keys()]).toEqual(['ops', 'postmaster', 'hook'])
})

test('the printed schema and page are current', () => {
  expect(read('config/watch.schema.json')).toBe(printWatchSchema())
  expect(read('docs/configuration.md')).toBe(printConfigurationPage())
})

test('the schema takes a domain as text or as a mapping, and knows the defaults', () => {
  const schema = JSON.parse(printWatchSchema())
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
  expect(schema.required).toEqual(['domains'])
  const forms = schema.properties.domains.items.anyOf
  expect(forms.map((form: { type: string }) => form.type)).toEqual(['string', 'object'])
  expect(schema.properties.defaults.properties.check.default).toBe('*/15 * * * *')
  expect(schema.additionalProperties).toBe(false)
})

test('.env.example has every variable, each under a comment', () => {
  const lines = read('.env.example').split('\n')
  for (const { name } of ENV_VARIABLES) {
    const at = lines.findIndex((line) => line.startsWith(`# ${name}=`))
    expect([name, at > 0 && lines[at - 1]?.startsWith('# ')]).toEqual([name, true])
  }
})
