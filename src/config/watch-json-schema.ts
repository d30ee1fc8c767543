import { watchJsonSchema } from './watch-schema.ts'

/** config/watch.schema.json: completion and checks of watch.yaml in editors. */
export function printWatchSchema(): string {
  const { $schema, ...schema } = watchJsonSchema()
  const titled = { $schema, title: 'stswatch: config/watch.yaml', ...schema }
  return `${JSON.stringify(titled, null, 2)}\n`
}
