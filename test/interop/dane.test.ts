import { afterAll, beforeAll, test } from 'vitest'
import { DANE_CASES } from './dane-cases.ts'
import { type DaneWorld, startDaneWorld } from './dane-world.ts'
import { lookAt } from './look-at.ts'
import { describeWith } from './servers/packages.ts'
import { appendFileSync } from 'node:fs'

describeWith(['postfix', 'openssl', 'knot', 'unbound'], 'DANE, as Postfix sees it', () => {
  let world: DaneWorld
  beforeAll(async () => {
    world = await startDaneWorld(DANE_CASES)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  test.each(DANE_CASES)('$id', async ({ id }) => {
    const place = world.place(id)
    const said = await world.finger.ask('dane', `${place.domain}:${place.port}`, { roots: null, match: [] })
    const look = await lookAt(world.real, place.domain)
    appendFileSync('/tmp/finger.txt', `### ${id}\n${said}\n=== ${look.codes('').join(' ')}\n`)
  })
})
