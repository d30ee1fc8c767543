/** A visit to the mailbox in a process of its own: something to kill. */

import { liveMailboxLife } from './mailbox-life.ts'

process.stdout.write(`${await liveMailboxLife(JSON.parse(process.argv[2] ?? ''))}\n`)
