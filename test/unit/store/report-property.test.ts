import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MailClass } from '../../../src/model/received-report.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import type { NewReport } from '../../../src/store/report-store.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  claimedBy,
  day,
  mail,
  newReport,
  PLACE,
  policy,
  signedBy,
  tlsReport,
} from '../../contract/report-samples.ts'
import { DOMAIN } from '../../contract/store-samples.ts'
import { ReportModel } from './report-model.ts'
import { OPTIONS } from './scratch.ts'

const SENDERS = ['a.example', 'b.example'] as DomainName[]
const CLASSES: readonly MailClass[] = [
  'accepted',
  'duplicate',
  'conflict',
  'quarantined',
  'rejected',
  'not-a-report',
  'postponed',
]
const EVERYTHING = { domain: null, sender: null, standing: null, sinceDayAt: null, failuresOnly: false }

/** Few of each, so that reports often meet. */
const spec = fc.record({
  sender: fc.constantFrom(...SENDERS),
  signed: fc.boolean(),
  day: fc.nat(1),
  sessions: fc.integer({ min: 1, max: 3 }),
})
type Spec = typeof spec extends fc.Arbitrary<infer T> ? T : never

const reading = fc.array(spec, { minLength: 1, maxLength: 3 })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      mails: fc.array(fc.record({ uid: fc.integer({ min: 1, max: 8 }), reading }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('replace' as const),
      mail: fc.nat(7),
      shift: fc.nat(2),
      days: fc.nat(1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reparse' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('admit' as const), sender: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('vouch' as const), report: fc.nat(5) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function toReport(uid: number, one: Spec): NewReport {
  const report = tlsReport(one.day, { policies: [policy({ successfulSessions: one.sessions })] })
  const who = one.signed ? signedBy(one.sender) : claimedBy(one.sender)
  return newReport(report, who, { source: { via: 'imap', ...PLACE, uid } })
}

/** The real memory and the model, driven together. */
class Pair {
  readonly #store: Store
  readonly #model = new ReportModel()
  readonly #specs = new Map<number, readonly Spec[]>()
  /** A reading was replaced alone: what repeats its old content is looked at again when all is read again. */
  #isStale = false

  constructor(store: Store) {
    this.#store = store
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'commit':
        await this.#commit(one.mails)
        break
      case 'replace':
        await this.#replace(one.mail, one.shift, one.days)
        break
      case 'reparse':
        await this.#reparse()
        break
      case 'admit': {
        const sender = SENDERS[one.sender] as DomainName
        await this.#store.reports.admit({ sender }, day(9))
        this.#model.admitSender(sender)
        break
      }
      case 'vouch':
        await this.#vouch(one.report)
        break
    }
    await this.#compare()
  }

  async #commit(
    mails: readonly { readonly uid: number; readonly reading: readonly Spec[] }[],
  ): Promise<void> {
    const read = mails.map(({ uid, reading: specs }) => ({
      uid,
      specs,
      reports: specs.map((one) => toReport(uid, one)),
    }))
    await this.#store.reports.beginAttempts(
      PLACE,
      read.map(({ uid }) => uid),
      day(1),
    )
    const committed = await this.#store.reports.commitMails(
      read.map(({ uid, reports }) => mail(uid, reports)),
    )
    for (const { uid, specs, reports } of read) {
      this.#model.commit(uid, reports)
      if (!this.#specs.has(uid)) this.#specs.set(uid, specs)
    }
    const classes = await this.#classes()
    expect(committed.map(({ mailClass }) => mailClass)).toEqual(read.map(({ uid }) => classes.get(uid)))
  }

  /** The reader has become better: it sees other numbers, and in what is signed another day. */
  async #replace(index: number, shift: number, days: number): Promise<void> {
    const [uid, specs] = [...this.#specs][index % Math.max(this.#specs.size, 1)] ?? [0, []]
    if (specs.length === 0) return
    const better = specs.map((one) => ({
      ...one,
      sessions: ((one.sessions + shift) % 3) + 1,
      day: one.signed ? (one.day + days) % 2 : one.day,
    }))
    this.#specs.set(uid, better)
    await this.#put(uid)
    this.#isStale = true
  }

  async #put(uid: number): Promise<void> {
    const reports = (this.#specs.get(uid) ?? []).map((one) => toReport(uid, one))
    await this.#store.reports.replaceReading(mail(uid, reports))
    this.#model.replace(uid, reports)
  }

  async #reparse(): Promise<void> {
    for (const { uid } of this.#model.readings()) {
      await this.#put(uid)
      await this.#checkInvariants()
    }
    this.#isStale = false
  }

  async #vouch(index: number): Promise<void> {
    const quarantined = await this.#store.reports.list({ ...EVERYTHING, standing: 'quarantined' }, 100)
    const report = quarantined[index % Math.max(quarantined.length, 1)]
    if (report === undefined || report.source.via !== 'imap') return
    await this.#store.reports.admit({ id: report.id }, day(9))
    this.#model.admitReport(report.source.uid, report.identity)
  }

  async #compare(): Promise<void> {
    await this.#checkInvariants()
    if (this.#isStale) return
    const { classes, counting } = this.#model.state()
    expect(new Map([...(await this.#classes())].sort(([a], [b]) => a - b))).toEqual(
      new Map([...classes].sort(([a], [b]) => a - b)),
    )
    const policies = await this.#store.reports.policiesOf(DOMAIN, 0)
    expect(
      policies.map((one) => `${one.reporter} ${one.dayAt} ${one.policy.successfulSessions}`).sort(),
    ).toEqual(counting)
  }

  /** R48, and that nothing counts twice: true at any time. */
  async #checkInvariants(): Promise<void> {
    const { reports } = this.#store
    const classes = await this.#classes()
    expect([...classes.keys()].sort()).toEqual([...this.#specs.keys()].sort())
    const sums = [...(await reports.mailClasses(0)).values()]
    expect(sums.reduce((sum, one) => sum + one, 0)).toBe(classes.size)
    const kept = await reports.list(EVERYTHING, 1_000)
    const counting = kept.filter(({ standing }) => standing === 'counted' || standing === 'admitted')
    expect(new Set(counting.map(({ identity }) => identity)).size).toBe(counting.length)
    expect(new Set(kept.map(({ identity }) => identity)).size).toBe(
      kept.filter(({ standing }) => standing !== 'conflict').length,
    )
    for (const { contentSha256 } of counting.filter(({ standing }) => standing === 'admitted')) {
      expect(counting.filter((one) => one.contentSha256 === contentSha256)).toHaveLength(1)
    }
    const policies = await reports.policiesOf(DOMAIN, 0)
    expect(policies.map(({ report }) => report).sort()).toEqual(counting.map(({ id }) => id).sort())
    const known = await reports.reporters(SENDERS)
    for (const sender of SENDERS) {
      const days = new Set(policies.filter((one) => one.reporter === sender).map((one) => one.receivedAt))
      expect(known.get(sender)?.days ?? 0).toBe(days.size)
    }
  }

  async #classes(): Promise<ReadonlyMap<number, MailClass>> {
    const found = new Map<number, MailClass>()
    for (const mailClass of CLASSES) {
      for (const { key } of await this.#store.reports.mails(mailClass, 0, 1_000)) {
        const uid = key.kind === 'imap' ? key.uid : 0
        expect(found.has(uid)).toBe(false)
        found.set(uid, mailClass)
      }
    }
    return found
  }

  async finish(): Promise<void> {
    await this.#reparse()
    await this.#compare()
  }
}

test('whatever arrives, is admitted and read again in whatever order, each mail has one class and the sums are right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      await using store = await openStore(':memory:', OPTIONS)
      const pair = new Pair(store)
      for (const one of steps) await pair.take(one)
      await pair.finish()
    }),
    { numRuns: 25 },
  )
})
