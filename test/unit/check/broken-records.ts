import type { Snapshot } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { type BrokenDomain, HELD, UNSERVED } from './broken.ts'
import { absent, answer, healthy, mxRecords, policyBody, serving } from './snapshot-builder.ts'

function records(...texts: readonly string[]): Snapshot {
  return healthy({ stsRecord: answer(texts) })
}

function tlsrpt(...texts: readonly string[]): Snapshot {
  return healthy({ tlsrptRecord: answer(texts) })
}

/** Records gone, doubled or unreadable. */
export const BROKEN_RECORDS: readonly BrokenDomain[] = [
  {
    name: 'no record, although a policy is served',
    snapshot: healthy({ stsRecord: absent() }),
    findings: ['warning mta-sts.record.missing'],
  },
  {
    name: 'no record while senders hold a policy in mode enforce',
    snapshot: healthy({ stsRecord: absent() }),
    context: HELD,
    findings: ['critical mta-sts.record.missing'],
  },
  {
    name: 'record and policy gone together while held: told once',
    snapshot: healthy({ stsRecord: absent(), policyHost: UNSERVED }),
    context: HELD,
    findings: ['critical mta-sts.record.missing'],
  },
  {
    name: 'only a wildcard SPF record, and enforce expected',
    snapshot: healthy({ stsRecord: answer(['v=spf1 -all']), policyHost: UNSERVED, tlsrptRecord: absent() }),
    domain: { expect: 'enforce' },
    findings: ['warning mta-sts.record.missing', 'info tlsrpt.record.missing'],
  },
  {
    name: 'record without id',
    snapshot: records('v=STSv1;'),
    findings: ['critical mta-sts.record.invalid'],
  },
  {
    name: 'record without id, mode testing',
    snapshot: serving(policyBody({ mode: 'testing' }), { stsRecord: answer(['v=STSv1;']) }),
    findings: ['warning mta-sts.record.invalid'],
  },
  {
    name: 'two records',
    snapshot: records('v=STSv1; id=1', 'v=STSv1; id=2'),
    findings: ['critical mta-sts.record.multiple'],
  },
  {
    name: 'id twice',
    snapshot: records('v=STSv1; id=1; id=2'),
    findings: ['warning mta-sts.record.questionable'],
  },
  {
    name: 'no TLSRPT record',
    snapshot: healthy({ tlsrptRecord: absent() }),
    findings: ['warning tlsrpt.record.missing'],
  },
  {
    name: 'TLSRPT without mailto',
    snapshot: tlsrpt('v=TLSRPTv1; rua=a@example.com'),
    findings: ['warning tlsrpt.record.invalid'],
  },
  {
    name: 'two TLSRPT records',
    snapshot: tlsrpt('v=TLSRPTv1; rua=https://a.example/', 'v=TLSRPTv1; rua=https://b.example/'),
    findings: ['warning tlsrpt.record.multiple'],
  },
  {
    name: 'TLSRPT over plain http',
    snapshot: tlsrpt('v=TLSRPTv1; rua=http://a.example/'),
    findings: ['warning tlsrpt.record.questionable'],
  },
  {
    name: 'three TLSRPT destinations',
    snapshot: tlsrpt('v=TLSRPTv1; rua=https://a.example/,https://b.example/,https://c.example/'),
    findings: ['info tlsrpt.rua.too-many'],
  },
  ...([mxRecords('.'), absent()] as const).map((mx) => ({
    name: `TLSRPT mail domain with ${mx.outcome === 'absent' ? 'no mail host' : 'null MX'}`,
    snapshot: healthy({ ruaDomains: [{ name: 'reports.example' as DomainName, mx, addresses: absent() }] }),
    findings: ['warning tlsrpt.rua.undeliverable mailto:tls-reports@reports.example'],
  })),
]
