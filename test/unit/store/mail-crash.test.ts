import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openStore } from '../../../src/store/sqlite.ts'
import { day, mail, newReport, PLACE, tlsReport } from '../../contract/report-samples.ts'
import { DOMAIN } from '../../contract/store-samples.ts'
import { startChild } from './child.ts'
import { OPTIONS, scratch } from './scratch.ts'

const FILTER = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false }
const begun = { unread: [1, 1], awaiting: 0, classes: {}, standings: [], policies: 0, raws: 0 }
const read = {
  unread: [],
  awaiting: 2,
  classes: { accepted: 1, quarantined: 1 },
  standings: ['quarantined', 'counted', 'counted'],
  policies: 3,
  raws: 2,
}
const admitted = {
  ...read,
  awaiting: 0,
  classes: { accepted: 2 },
  standings: ['admitted', 'counted', 'counted'],
  policies: 4,
}

test.each([
  ['after the journal', begun],
  ['between two policies', begun],
  ['between two mails', begun],
  ['after the commit', read],
  ['after the note', { ...read, awaiting: 0 }],
  ['after the admission', admitted],
  ['in the new reading', admitted],
  ['after the new reading', { ...admitted, policies: 3 }],
])('killed %s, a mail and all its reports are there, or nothing of them', async (point, expected) => {
  await using place = await scratch()
  await using child = startChild('mail-failpoint.ts', place.file, point)
  expect(await child.ended).toBe('SIGKILL')
  await using store = await openStore(place.file, OPTIONS)
  const { reports } = store
  let raws = 0
  for await (const _ of reports.raws()) raws += 1
  expect({
    unread: (await reports.unread(PLACE, [1, 2], day(1))).map(({ attempts }) => attempts),
    awaiting: (await reports.awaitingServerAction(PLACE, 10)).length,
    classes: Object.fromEntries(await reports.mailClasses(0)),
    standings: (await reports.list(FILTER, 10)).map(({ standing }) => standing),
    policies: (await reports.policiesOf(DOMAIN, 0)).length,
    raws,
  }).toEqual(expected)
})

test('what was killed before its commit is read again, and is there once', async () => {
  await using place = await scratch()
  await using child = startChild('mail-failpoint.ts', place.file, 'between two mails')
  expect(await child.ended).toBe('SIGKILL')
  await using store = await openStore(place.file, OPTIONS)
  await store.reports.beginAttempts(PLACE, [1, 2], day(1))
  expect(await store.reports.unread(PLACE, [1, 2], day(1))).toMatchObject([{ attempts: 2 }, { attempts: 2 }])
  const again = [0, 1].map((n) => mail(n + 1, newReport(tlsReport(n))))
  expect(await store.reports.commitMails(again)).toMatchObject([
    { mailClass: 'accepted' },
    { mailClass: 'accepted' },
  ])
  expect(await store.reports.policiesOf(DOMAIN, 0)).toHaveLength(2)
  using connection = new DatabaseSync(place.file)
  const complaints = connection.prepare('PRAGMA integrity_check').all()
  expect(complaints.map((row) => row.integrity_check)).toEqual(['ok'])
})
