/** Commits without end and prints each number once it is committed: something to kill at any instant. */
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import {
  at,
  commit,
  incident,
  notification,
  OPEN,
  SLACK,
  snapshot,
  transition,
} from '../../contract/store-samples.ts'

const [file = '', domain = '', from = '0', to = 'Infinity'] = process.argv.slice(2)
const options = { owner: false, allowNetworkFilesystem: false, warn: () => {} }
await using store = await openStore(file, options)
for (let n = Number(from); n < Number(to); n++) {
  const one = incident(`${domain}-${n}`, OPEN)
  await store.commitCheck(
    commit(snapshot(at(n), { domain: domain as DomainName }), {
      transitions: [transition('opened', one)],
      notifications: [notification(`${domain}-${n}`, one)],
    }),
  )
  // Reads first and writes then: what fails at once when a transaction does not begin as a writer.
  const claim = await store.outbox.claim(SLACK, at(n), 1, null)
  if (claim !== null)
    await store.outbox.settle(claim, { state: 'pending', notBefore: at(n), error: 'not now' })
  process.stdout.write(`${n}\n`)
}
