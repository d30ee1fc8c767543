/** Statements that run for every mail: built and compiled once, because that takes longer than SQLite needs to run them. */
import { type Compilable, type CompiledQuery, sql as text } from 'kysely'
import type { Sql } from './database.ts'

/** Stands in a statement where a value will be. */
class Marker {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/**
 * A statement that is executed again and again with other values; gives its rows. `build` is called once, with a marker
 * for each value of the first execution: what it makes must not depend on values, and later ones must have the same names.
 */
export function prepared<Values extends object, Row>(
  build: (sql: Sql, values: Values) => Compilable<Row>,
): (sql: Sql, values: Values) => Promise<readonly Row[]> {
  let compiled: CompiledQuery<Row> | null = null
  return async (sql, values) => {
    compiled ??= build(sql, markers(values)).compile()
    const given = new Map<string, unknown>(Object.entries(values))
    const parameters = compiled.parameters.map((one) => (one instanceof Marker ? given.get(one.name) : one))
    const { rows } = await sql.getExecutor().executeQuery<Row>({ ...compiled, parameters })
    return rows
  }
}

/** Kysely takes any object for a value. */
function markers<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.keys(values).map((name) => [name, new Marker(name)])) as Values
}

/** The members of a JSON array, for `in`: one text and one parameter, however many there are. */
export function membersOf<T extends string | number>(json: string) {
  return text<T>`(select value from json_each(${json}))`
}
