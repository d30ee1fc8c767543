import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MINUTE_MS } from '../../src/lib/time.ts'
import { header, readMail } from '../unit/mail/read-mail.ts'
import { dkimpy, mailDkim } from './dkim-verifier.ts'
import { DAY, DOMAIN, ORGANIZATION, OwnInstallation, TOLD, type Way } from './own-report-installation.ts'
import {
  type Published,
  type ReportWorld,
  type Service,
  SUBMITTER,
  startReportWorld,
} from './own-report-world.ts'
import { describeWith } from './servers/packages.ts'

type Scheme = 'smtp' | 'smtps' | 'direct'

const WITH_TLS = /^Received: from monitor\.ops\.example [^;]*\(using TLSv1\.3 /m
const WITHOUT_TLS = /^Received: from monitor\.ops\.example (?![^;]*using TLS)/m

/** Where the report goes in, how, and how it must have come in. */
const JOURNEYS: readonly (readonly [Service, Scheme, RegExp])[] = [
  ['submission', 'smtp', WITH_TLS],
  ['self-signed', 'direct', WITH_TLS],
  ['no-starttls', 'direct', WITHOUT_TLS],
]
const MORE_JOURNEYS: typeof JOURNEYS = [
  ['submissions', 'smtps', WITH_TLS],
  ['expired', 'direct', WITH_TLS],
  ['wrong-name', 'direct', WITH_TLS],
  ['unknown-root', 'direct', WITH_TLS],
  ['broken-tls', 'direct', WITHOUT_TLS],
]

/** What a receiver would not count, and why it is held. */
const UNCOUNTED: readonly (readonly [Published, RegExp])[] = [
  ['nowhere', /There is no TXT record/],
  ['for-mail-alone', /s=email/],
  ['another-key', /another one/],
  ['withdrawn', /revoked/],
]

/** What a server says to it, and what becomes of it. */
const REFUSALS: readonly (readonly [Service, object])[] = [
  ['grey', { state: 'waiting', note: expect.stringMatching(/450 4\.2\.0 .*Greylisted come back later/) }],
  ['refusing', { state: 'given-up', note: expect.stringMatching(/550 5\.1\.1 .*User unknown in virtual/) }],
  ['small', { state: 'given-up', note: expect.stringMatching(/552 5\.3\.4 .*message file too big/) }],
]

describeWith(
  ['postfix', 'dovecot-imapd', 'knot', 'unbound', 'openssl', 'python3-dkim', 'libmail-dkim-perl'],
  'our own TLS report',
  () => {
    let world: ReportWorld
    let mailKey = ''
    let reportKey = ''
    beforeAll(async () => {
      world = await startReportWorld()
      mailKey = world.selectors.mail
      reportKey = world.selectors.report['as-printed']
    })
    afterAll(() => world[Symbol.asyncDispose]())

    function open(service: Service, scheme: Scheme, published?: Published): Promise<OwnInstallation> {
      const { host, port } = world.postfix.endpoint(service)
      const name = scheme === 'smtps' ? 'localhost' : host
      const way: Way = scheme === 'direct' ? 'direct' : { smtpUrl: `${scheme}://${name}:${port}` }
      return OwnInstallation.open(world, { service, way, published: published ?? 'as-printed' })
    }

    /** Sends it; gives the only mail that comes of it, with every byte that was sent. */
    async function deliver(it: OwnInstallation, service: Service, received: RegExp): Promise<string> {
      await it.queue(service)
      expect(await it.submit()).toMatchObject({
        state: 'sent',
        attempts: 1,
        note: expect.stringMatching(/(?:^|: )250 2\.0\.0 Ok: queued as /),
      })
      const [arrived = '', ...more] = await world.maildir(service, 1)
      expect(more).toEqual([])
      expect(arrived).toMatch(received)
      expect(it.sent).toEqual([withoutTrace(arrived)])
      return arrived
    }

    test.each(JOURNEYS)(
      'through %s (%s) it arrives, verifies with others, and is counted and shown',
      async (service, scheme, received) => {
        await using it = await open(service, scheme)
        await expectVerified(await deliver(it, service, received))
        expect(await it.visit()).toBe('read')
        await expectCounted(it, { accepted: 1 })
        await expectShown(it)
      },
    )

    test.each(MORE_JOURNEYS)('through %s (%s) it arrives all the same', async (service, scheme, received) => {
      await using it = await open(service, scheme)
      await deliver(it, service, received)
    })

    /** With the records as the DNS has them: a key for reports alone is none to those who judge all mail. */
    async function expectVerified(arrived: string): Promise<void> {
      const both = { [mailKey]: 'pass', [reportKey]: 'pass' }
      const not = expect.not.stringMatching(/^pass$/)
      const verdicts = await Promise.all(
        [world.mailauth, dkimpy(true), dkimpy('strict'), dkimpy(false), mailDkim].map((verify) =>
          verify(arrived, world.dns),
        ),
      )
      expect(verdicts).toEqual([
        both,
        both,
        { ...both, [mailKey]: not },
        { ...both, [reportKey]: not },
        { ...both, [reportKey]: not },
      ])
    }

    /** Once, and exactly as it was made. */
    async function expectCounted(it: OwnInstallation, classes: Readonly<Record<string, number>>) {
      const read = await it.read()
      expect(read.classes).toEqual(classes)
      const place = { domain: DOMAIN, mx: null, dayAt: DAY.dayAt }
      expect(read.reports).toMatchObject([
        {
          standing: 'counted',
          authenticity: { trust: 'verified', signer: SUBMITTER, selector: reportKey },
          attributions: [place, { ...place, mx: `mx1.${DOMAIN}` }, place],
          otherPolicies: 0,
        },
      ])
      expect(read.reports[0]?.deviations).toEqual([])
      expect(read.reports[0]?.report).toEqual(it.report)
      expect(read.sessions).toEqual({ successful: 90 + 95, failed: 6 + 1 + 3 })
    }

    async function expectShown(it: OwnInstallation): Promise<void> {
      const [id = ''] = (await it.read()).reports.map((report) => report.id)
      const list = await it.run('reports', 'list')
      const day = new Date(DAY.dayAt).toISOString().slice(0, 10)
      const line = list.out.split('\n').find((text) => text.startsWith(id))
      const counts = [TOLD.succeeded, TOLD.failed].map(String)
      expect(line?.split(/ {2,}/)).toEqual([id, day, SUBMITTER, 'bücher.example', ...counts, 'counted'])
      const { out } = await it.run('reports', 'show', id)
      for (const text of [
        ORGANIZATION,
        `${SUBMITTER}, by its DKIM signature (selector ${reportKey})`,
        '✓ 90 sessions succeeded   ✗ 6 failed',
        '✓ 95 sessions succeeded   ✗ 1 failed',
        '✓ 0 sessions succeeded   ✗ 3 failed (all of them)',
      ]) {
        expect(out).toContain(text)
      }
      expect(out).not.toContain('deviation')
    }

    test('leaves as plain lines of 7 bits, and both signatures cover what it is and what it asks for', async () => {
      await using it = await open('bytes', 'direct')
      await it.queue('bytes')
      await it.submit()
      const [raw = ''] = it.sent
      // Throws for 8-bit text, a bare CR or LF, and a line over 998 characters.
      const { headers, parts } = readMail(raw)
      expect(header(headers, 'TLS-Required')).toBe('No')
      expect(header(headers, 'Auto-Submitted')).toBe('auto-generated')
      expect(header(headers, 'TLS-Report-Domain')).toBe(DOMAIN)
      expect(header(headers, 'TLS-Report-Submitter')).toBe(SUBMITTER)
      expect(header(headers, 'From')).toBe(`tls-reports@${SUBMITTER}`)
      expect(parts.map(({ type }) => type)).toEqual(['text/plain; charset=utf-8', 'application/tlsrpt+gzip'])
      const names = headers.map(([name]) => name.toLowerCase()).filter((name) => name !== 'dkim-signature')
      const signatures = headers.flatMap(([name, value]) =>
        name === 'DKIM-Signature' ? [tagsOf(value)] : [],
      )
      expect(signatures.map(({ d, s }) => [d, s])).toEqual([
        [SUBMITTER, reportKey],
        [SUBMITTER, mailKey],
      ])
      for (const { h = '', ...tags } of signatures) {
        expect(h.toLowerCase().split(':').sort()).toEqual(names.sort())
        expect(tags).not.toHaveProperty('l')
      }
    })

    test('an attempt that is repeated arrives as the same message, and counts once', async () => {
      await using it = await open('twice', 'direct')
      await it.queue('twice')
      expect(await it.submitAndDie()).toMatchObject({ outcome: 'accepted' })
      expect(await it.submit()).toMatchObject({ state: 'sent', attempts: 2 })
      const [first = '', second] = (await world.maildir('twice', 2)).map(withoutTrace)
      expect(second).toBe(first)
      expect(header(readMail(first).headers, 'Message-ID')).toMatch(/^<[0-9a-f]{32}@monitor\.example>$/)
      expect(await it.visit()).toBe('read')
      await expectCounted(it, { accepted: 1, duplicate: 1 })
    })

    test('a canary goes the same way, is known again in the mailbox, and is no data', async () => {
      await using it = await open('canary', 'direct')
      await it.queueCanary('canary')
      await it.submit()
      const [arrived = ''] = await world.maildir('canary', 1)
      await expectVerified(arrived)
      expect(await it.canaries('canary')).toMatchObject([{ state: 'sent', arrival: null }])
      expect(await it.visit()).toBe('read')
      expect(await it.canaries('canary')).toMatchObject([
        {
          state: 'sent',
          note: expect.stringContaining('Ok: queued as'),
          arrival: { authenticity: { trust: 'verified', signer: SUBMITTER, selector: reportKey } },
        },
      ])
      expect(await it.read()).toEqual({
        sessions: { successful: 0, failed: 0 },
        classes: { 'not-a-report': 1 },
        reports: [],
      })
    })

    test('is held while the DNS has no key that its receivers would count it by, and nothing is delivered', async () => {
      for (const [published, why] of UNCOUNTED) {
        await using it = await open('held', 'direct', published)
        await it.queue('held')
        expect(await it.submit()).toMatchObject({ state: 'waiting', note: expect.stringMatching(why) })
        expect(it.trouble).toMatch(why)
        expect(it.sent).toEqual([])
      }
      await using it = await open('held', 'direct')
      await it.queue('held')
      expect(await it.submit()).toMatchObject({ state: 'sent' })
      expect(it.trouble).toBeNull()
      // What was let through by mistake before would have arrived by now.
      expect((await world.maildir('held', 1)).map(withoutTrace)).toEqual(it.sent)
    })

    describe.each(['smtp', 'direct'] as const)('%s: what the server says is kept', (scheme) => {
      test.each(REFUSALS)('%s', async (service, expected) => {
        await using it = await open(service, scheme)
        await it.queue(service)
        expect(await it.submit()).toMatchObject({ attempts: 1, ...expected })
      })
    })

    test('greylisted, it is sent again when its time has come', async () => {
      await using it = await open('grey', 'direct')
      await it.queue('grey')
      expect(await it.submit()).toMatchObject({ state: 'waiting' })
      expect(await it.dueAt()).toBe(it.now + 10 * MINUTE_MS)
      world.moveHost('grey', 'bytes')
      await it.pass(10)
      expect(await it.submit()).toMatchObject({ state: 'sent', attempts: 2 })
      const [first, second] = it.sent
      expect(second).toBe(first)
      expect((await world.maildir('grey', 1)).map(withoutTrace)).toEqual([first])
    })

    test('a mail host that takes nothing without TLS, and whose TLS is broken, is tried again later', async () => {
      await using it = await open('broken-and-wanted', 'direct')
      await it.queue('broken-and-wanted')
      expect(await it.submit()).toMatchObject({
        state: 'waiting',
        note: expect.stringMatching(/alert number 70; and without TLS: .*530 5\.7\.0 Must issue a STARTTLS/),
      })
    })
  },
)

/** Without the fields that the servers on its way have put before it. */
function withoutTrace(mail: string): string {
  return mail.slice(mail.indexOf('DKIM-Signature: '))
}

/** `a=b; c=d` */
function tagsOf(value: string): Readonly<Record<string, string>> {
  const tags = value
    .replace(/\s/g, '')
    .split(';')
    .filter((tag) => tag !== '')
  return Object.fromEntries(
    tags.map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
  )
}
