/** Reads two mails and kills itself at the point that is named (reliability §8, K2 to K6). */
import { openStore } from '../../../src/store/sqlite.ts'
import { claimedBy, day, mail, newReport, PLACE, policy, tlsReport } from '../../contract/report-samples.ts'

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

await using store = await openStore(file, { owner: true, allowNetworkFilesystem: false, warn: () => {} })
const { reports } = store
await reports.beginAttempts(PLACE, [1, 2], day(1))
die('after the journal')
const first = newReport(tlsReport(0, { policies: [policy()] }))
const second = newReport(
  tlsReport(1, { policies: [policy(), deadly(policy({ failedSessions: 1 }), 'between two policies')] }),
)
const third = newReport(tlsReport(2), deadly(claimedBy('x.example'), 'between two mails'))
const raw = new Uint8Array(Buffer.from('a mail '.repeat(100)))
await reports.commitMails([mail(1, [first, second], { raw }), mail(2, third, { raw })])
die('after the commit')
await reports.noteServerAction(PLACE, [1, 2], day(1))
die('after the note')
await reports.admit({ id: third.id }, day(2))
die('after the admission')
const better = newReport(tlsReport(1, { policies: [deadly(policy(), 'in the new reading')] }))
await reports.replaceReading(mail(1, [first, better], { raw }))
die('after the new reading')
