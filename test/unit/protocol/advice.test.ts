import { describe, expect, it } from 'vitest'
import { parseStsPolicy } from '../../../src/protocol/mta-sts/policy.ts'
import { parseStsRecord } from '../../../src/protocol/mta-sts/record.ts'
import type { Parsed } from '../../../src/protocol/problem.ts'
import { parseTlsrptRecord } from '../../../src/protocol/tlsrpt/record.ts'

function words({ problems }: Parsed<unknown>): string {
  return problems.map(({ message }) => message).join('\n')
}

describe('what a postmaster is told to do about a policy', () => {
  it.each([
    ['mode:\u00a0enforce', 'type the line anew'],
    ['max_age: 604\u00a0800', 'type the line anew'],
    ['version: STSv1\u200b', 'type the line anew'],
    ['version: STSv1; mode: enforce; mx: mx1.example.com', 'its own line'],
    [': x', 'Nothing stands before the colon'],
    ['_note: x', 'correct it or delete the line'],
    ['mx: *', '"mx: *.<domain>"'],
    ['mx: -a.example', 'as the MX record names it'],
  ])('%j: %s', (line, advice) => {
    expect(words(parseStsPolicy(`${line}\n`))).toContain(advice)
  })

  it('has no word of special spaces where there is none', () => {
    expect(words(parseStsPolicy('mode: en force\nmax_age: 604 800\n'))).not.toContain('type the line anew')
  })
})

describe('what a postmaster is told to do about a TXT record', () => {
  it.each([
    [['v=STSv1; id='], '"id=20240131T1200;"'],
    [['v=STSv1; =x; id=a'], 'Nothing stands before "="'],
    [['v=STSv1;\nid=a'], 'A line break or control character'],
    [['v=STSv1; id=a; _x=y'], 'correct or remove the field'],
    [['v=MTA-STSv1; id=a'], 'begin it with "v=STSv1;"'],
    [['v=TLSRPTv1; rua=mailto:a@b.example'], 'move it to _smtp._tls.<domain>'],
    [['v=DMARC1; p=none'], 'move it to _dmarc.<domain>'],
  ])('%j: %s', (records, advice) => {
    expect(words(parseStsRecord(records))).toContain(advice)
  })

  it.each([
    'V=STSv1; id=b',
    'v=STSv2; id=b',
    ' v=STSv1; id=b',
    'v=STSv1 ; id=b',
    'id=b',
    'v=TLSRPTv1; rua=mailto:a@b.example',
  ])('%j beside a good one is to be deleted: mended it would make two', (other) => {
    const advice = words(parseStsRecord([other, 'v=STSv1; id=a']))
    expect(advice).toContain('delete it from _mta-sts.<domain>, for another record is in use.')
    expect(advice).not.toContain('begin it with')
  })

  it.each([
    ['v=TLS-RPTv1; rua=mailto:a@b.example', 'begin it with "v=TLSRPTv1;"'],
    ['v=TLSRPT1; rua=mailto:a@b.example', 'begin it with "v=TLSRPTv1;"'],
    ['v=STSv1; id=a', 'move it to _mta-sts.<domain>'],
    ['v=TLSRPTv1; rua=mailto:a@b.example;https://b.example/', 'Several URIs are separated by commas'],
    ['v=TLSRPTv1; rua=mailto:a@b.example https://b.example/', '"rua=mailto:a@b.example,https://b.example/"'],
    ['v=TLSRPTv1; rua=mailto:a@b.example\n', 'White space and control characters are not allowed'],
    ['v=TLSRPTv1; rua=mailto:a@bü.example', 'A-labels'],
    ['v=TLSRPTv1; rua=b.example:443/x', '"rua=https://b.example:443/x"'],
  ])('%j: %s', (record, advice) => {
    expect(words(parseTlsrptRecord([record]))).toContain(advice)
  })
})
