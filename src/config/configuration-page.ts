import { ENV_VARIABLES } from './env-variables.ts'
import { watchJsonSchema } from './watch-schema.ts'

type Schema = ReturnType<typeof watchJsonSchema>

interface Row {
  readonly key: string
  readonly type: string
  readonly preset: string
  readonly meaning: string
}

/** docs/configuration.md: every key of watch.yaml from its schema, and every environment variable. */
export function printConfigurationPage(): string {
  const rows = rowsOf(watchJsonSchema(), '')
  const keys = rows.map(
    ({ key, type, preset, meaning }) => `| \`${key}\` | ${type} | ${preset} | ${meaning} |`,
  )
  const variables = ENV_VARIABLES.map(
    ({ name, preset, meaning }) =>
      `| \`${name}\` | ${preset === null ? '' : `\`${preset}\``} | ${cell(meaning)} |`,
  )
  return `# Configuration

*Printed from the code by \`npm run docs\`.*

The watch list is \`config/watch.yaml\`; the smallest is \`domains: [example.com]\`. Secrets are in the environment, never in that file.
\`stswatch check-config\` tells every mistake in both, with its place, and opens no connection. A running \`stswatch\` reads the file
again two seconds after it was changed, or on SIGHUP; a broken file changes nothing and is told.

The file is YAML 1.2 in UTF-8, at most 1 MiB and 20,000 domains, without anchors, aliases and tags. A text that begins with \`*\`,
\`#\` or \`@\` must stand in quotes. Editors complete the keys from \`config/watch.schema.json\`.

## watch.yaml

\`[]\` stands for an entry of a list, \`<name>\` for a name of your choice.

| key | type | default | meaning |
|---|---|---|---|
${keys.join('\n')}

## Environment

Put these into \`.env\` beside \`package.json\` (see \`.env.example\`) or into the environment of the service. Where \`NAME_FILE\` is
named, it may hold the path of a file with the value instead: a regular file of the same user or of root, mode 0600 or stricter.

| variable | default | meaning |
|---|---|---|
${variables.join('\n')}
`
}

function rowsOf(schema: Schema, path: string): readonly Row[] {
  const shape = longForm(schema)
  const own = path === '' ? [] : [rowOf(schema, path)]
  const keys = Object.entries(shape.properties ?? {})
  const below = keys.flatMap(([key, child]) => rowsOf(child as Schema, path === '' ? key : `${path}.${key}`))
  const entry = shape.items as Schema | undefined
  // A list of single values says all in its own row.
  const entries =
    entry !== undefined && (entry.anyOf ?? entry.properties) !== undefined ? rowsOf(entry, `${path}[]`) : []
  const named = shape.additionalProperties
  const values = typeof named === 'object' ? valuesOf(named as Schema, `${path}.<name>`) : []
  return [...own, ...below, ...entries, ...values]
}

/** What stands under names of one's own choice. */
function valuesOf(schema: Schema, path: string): readonly Row[] {
  if (schema.oneOf !== undefined) return variantsOf(schema, path)
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) =>
    rowsOf(child as Schema, `${path}.${key}`),
  )
}

/** The channels: the keys of each kind under the name of that kind. */
function variantsOf(schema: Schema, path: string): readonly Row[] {
  return (schema.oneOf ?? []).flatMap((variant) => {
    const { type, ...others } = (variant as Schema).properties ?? {}
    const kind = type as Schema
    const head = {
      key: `${path}.type`,
      type: `\`${kind.const}\``,
      preset: '',
      meaning: cell(kind.description ?? ''),
    }
    const keys = Object.entries(others).map(([key, child]) => ({
      ...rowOf(child as Schema, `${path}.${key}`),
      key: `${path}.${key} (${kind.const})`,
    }))
    return [head, ...keys]
  })
}

function rowOf(schema: Schema, path: string): Row {
  const preset =
    schema.default === undefined || isMapping(schema.default) ? '' : `\`${JSON.stringify(schema.default)}\``
  return {
    key: path,
    type: cell(typeOf(schema)),
    preset: cell(preset),
    meaning: cell(schema.description ?? ''),
  }
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return eitherOf(schema.anyOf as readonly Schema[])
  if (schema.enum !== undefined && schema.enum.length <= 4) {
    return schema.enum.map((value) => `\`${value}\``).join(', ')
  }
  if (schema.enum !== undefined) return 'finding code'
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf(schema.items as Schema).replace(/text|mapping|number|code/g, '$&s')}`
    case 'string':
      return 'text'
    case 'boolean':
      return '`true`, `false`'
    case 'integer':
      return 'whole number'
    default:
      return 'mapping'
  }
}

/** What may be written short, or as a list of several. */
function eitherOf(forms: readonly Schema[]): string {
  return forms.some(({ type }) => type === 'array') ? 'mapping or list of mappings' : 'text or mapping'
}

/** The mapping of something that may be written short. */
function longForm(schema: Schema): Schema {
  return (schema.anyOf?.find((form) => (form as Schema).type === 'object') as Schema | undefined) ?? schema
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
