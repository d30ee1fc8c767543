/** Takes the instance lock, says so, and keeps it until it is killed. */
import { createServer } from 'node:net'
import { acquireInstanceLock } from '../../../src/store/instance-lock.ts'

const [file = '', role = ''] = process.argv.slice(2)
const lock = await acquireInstanceLock(file, role, 1_000)
process.stdout.write(`${lock.ok ? 'locked' : `held by ${lock.error.pid}`}\n`)
// Something to stay alive for.
createServer().listen(0, '127.0.0.1')
