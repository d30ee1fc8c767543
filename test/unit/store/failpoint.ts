/** Does one piece of work and kills itself at the point that is named. */
import { openStore } from '../../../src/store/sqlite.ts'
import {
  commit,
  incident,
  notification,
  OPEN,
  SLACK,
  snapshot,
  T0,
  transition,
} from '../../contract/store-samples.ts'

const [file = '', point = ''] = process.argv.slice(2)

function die(at: string): void {
  if (at === point) process.kill(process.pid, 'SIGKILL')
}

/** Dies when the store turns it into JSON, that is, when its statement is being made. */
function deadly<T extends object>(value: T, at: string): T {
  return Object.assign({}, value, {
    toJSON() {
      die(at)
      return value
    },
  })
}

const options = { owner: true, allowNetworkFilesystem: false, warn: () => {} }
await using store = await openStore(file, options)
const one = incident('inc_1', OPEN)
await store.commitCheck(
  commit(snapshot(T0), {
    transitions: [deadly(transition('opened', one), 'before the transition')],
    notifications: [
      deadly(notification('first', one), 'between incident and outbox'),
      deadly(notification('second', one), 'between two outbox rows'),
    ],
  }),
)
die('after the commit')
const claim = await store.outbox.claim(SLACK, T0, 60_000, null)
if (claim === null) throw new Error('nothing to claim')
die('after the claim')
await store.outbox.freeze(claim, 'the message')
die('after the freeze')
await store.outbox.settle(claim, { state: 'sent', reference: 'ts', at: T0 })
die('after the settlement')
