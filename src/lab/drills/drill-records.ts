import type { World } from '../world.ts'
import { DRILL_DOMAIN, type Drill, drill, withDomain } from './drill.ts'

const STS_LINE = `_mta-sts.${DRILL_DOMAIN}. TXT "v=STSv1; id=`
const TLSRPT_LINE = `_smtp._tls.${DRILL_DOMAIN}. TXT "v=TLSRPTv1; rua=mailto:tls-reports@${DRILL_DOMAIN}"`

/** TXT at `_mta-sts` and `_smtp._tls`. */
export const RECORD_DRILLS: readonly Drill[] = [
  drill({
    name: 'sts-record-deleted',
    title: 'Somebody deletes the MTA-STS record while senders hold the policy',
    finding: 'mta-sts.record.missing',
    severity: 'critical',
    remedy: STS_LINE,
    break: withDomain({ stsRecord: [] }),
    minutesToOpen: 30,
  }),
  drill({
    name: 'mta-sts-switched-off',
    title: 'Record, policy and policy host are deleted together',
    finding: 'mta-sts.record.missing',
    severity: 'critical',
    remedy: STS_LINE,
    break: withDomain({ stsRecord: [], policy: null }),
    minutesToOpen: 30,
  }),
  drill({
    name: 'sts-record-without-id',
    title: 'The MTA-STS record loses its id',
    finding: 'mta-sts.record.invalid',
    severity: 'critical',
    remedy: STS_LINE,
    break: withDomain({ stsRecord: ['v=STSv1;'] }),
  }),
  drill({
    name: 'sts-record-twice',
    title: 'A second MTA-STS record is published beside the first',
    finding: 'mta-sts.record.multiple',
    severity: 'critical',
    remedy: STS_LINE,
    break: withDomain({ stsRecord: ['v=STSv1; id=20260101T000000Z;', 'v=STSv1; id=20260202T000000Z;'] }),
  }),
  drill({
    name: 'sts-record-two-ids',
    title: 'The MTA-STS record holds two ids',
    finding: 'mta-sts.record.questionable',
    remedy: STS_LINE,
    break: withDomain({ stsRecord: ['v=STSv1; id=20260101T000000Z; id=2;'] }),
    changes: 1,
  }),
  drill({
    name: 'tlsrpt-record-deleted',
    title: 'Somebody deletes the TLSRPT record',
    finding: 'tlsrpt.record.missing',
    remedy: TLSRPT_LINE,
    break: withDomain({ tlsrptRecord: [] }),
    minutesToOpen: 30,
  }),
  drill({
    name: 'tlsrpt-bare-address',
    title: 'The TLSRPT record names an address without mailto:',
    finding: 'tlsrpt.record.invalid',
    remedy: TLSRPT_LINE,
    break: withDomain({ tlsrptRecord: [`v=TLSRPTv1; rua=tlsrpt@${DRILL_DOMAIN}`] }),
  }),
  drill({
    name: 'tlsrpt-record-twice',
    title: 'A second TLSRPT record is published beside the first',
    finding: 'tlsrpt.record.multiple',
    remedy: TLSRPT_LINE,
    break: withDomain({
      tlsrptRecord: [`v=TLSRPTv1; rua=mailto:tlsrpt@${DRILL_DOMAIN}`, 'v=TLSRPTv1; rua=https://r.test/'],
    }),
  }),
  drill({
    name: 'tlsrpt-plain-http',
    title: 'Reports are wanted over plain http',
    finding: 'tlsrpt.record.questionable',
    remedy: 'Correct the record as said above.',
    break: withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=http://reports.test/'] }),
    changes: 1,
  }),
  drill({
    name: 'tlsrpt-many-destinations',
    title: 'The TLSRPT record names three destinations',
    finding: 'tlsrpt.rua.too-many',
    severity: 'info',
    remedy: 'Name one or two',
    break: withDomain({
      tlsrptRecord: ['v=TLSRPTv1; rua=https://a.test/,https://b.test/,https://c.test/'],
    }),
    changes: 1,
  }),
  drill({
    name: 'tlsrpt-mailbox-gone',
    title: 'The domain that takes the reports no longer takes mail',
    finding: 'tlsrpt.rua.undeliverable',
    subject: 'mailto:tls@reports.test',
    remedy: TLSRPT_LINE,
    start: (world) => reportsTo([{ preference: 10, exchange: 'mx.canary.test' }], world),
    break: (world) => reportsTo([], world),
    minutesToOpen: 30,
  }),
  drill({
    name: 'tlsrpt-mailbox-refused',
    title: 'The domain that takes the reports publishes a null MX',
    finding: 'tlsrpt.rua.undeliverable',
    subject: 'mailto:tls@reports.test',
    remedy: TLSRPT_LINE,
    start: (world) => reportsTo([{ preference: 10, exchange: 'mx.canary.test' }], world),
    break: (world) => reportsTo([{ preference: 0, exchange: '.' }], world),
    minutesToOpen: 30,
  }),
]

/** The reports go to another domain, with these MX records. */
function reportsTo(mx: World['domains'][number]['mx'], world: World): World {
  const others = world.domains.filter(({ name }) => name !== 'reports.test')
  const [canary] = others.filter(({ name }) => name === 'canary.test')
  const reports = canary === undefined ? [] : [{ ...canary, name: 'reports.test', policy: null, mx }]
  const edited = withDomain({ tlsrptRecord: ['v=TLSRPTv1; rua=mailto:tls@reports.test'] })
  return edited({ ...world, domains: [...others, ...reports] })
}
