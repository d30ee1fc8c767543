import { describe, expect, it } from 'vitest'
import { parseStsRecord } from '../../../../src/protocol/mta-sts/record.ts'

function told(...records: readonly string[]): string[] {
  return parseStsRecord(records).problems.map(({ severity, line, code }) => `${severity} ${line} ${code}`)
}

describe('parseStsRecord', () => {
  it('gives the id of the one record that is left, and tells which others it skipped', () => {
    const parsed = parseStsRecord(['v=spf1 -all', 'v=STSv1;id=abc', 'v=STSv2;id=def'])
    expect(parsed.value).toEqual({ id: 'abc' })
    expect(parsed.problems.map(({ severity, line }) => [severity, line])).toEqual([
      ['warning', 1],
      ['info', 3],
    ])
  })

  it.each([
    ['no record', [], ['error null record-missing']],
    ['an empty record', [''], ['error null record-missing', 'warning 1 record-unrelated']],
    ['the version alone', ['v=STSv1'], ['error 1 version-delimiter']],
    ['a tab before the first semicolon', ['v=STSv1\t;id=a'], ['error 1 version-space']],
    ['a comma after the version', ['v=STSv1, id=a'], ['error 1 version-delimiter']],
    ['version 10', ['v=STSv10; id=a'], ['error 1 version-unsupported']],
    ['an upper-case V', ['V=STSv1; id=a'], ['error 1 version-case']],
    ['a byte order mark', ['\ufeffv=STSv1; id=a'], ['error 1 version-leading-space']],
    ['the version last', ['id=a; v=STSv1;'], ['error 1 version-not-first']],
    ['a TLSRPT record', ['v=TLSRPTv1; rua=mailto:a@b.example'], ['error 1 version-foreign']],
    ['the version twice', ['v=STSv1; v=STSv1; id=a'], ['warning 1 version-repeated']],
    ['an empty field', ['v=STSv1; ; id=a'], ['error 1 field-empty']],
    ['two semicolons at the end', ['v=STSv1; id=a;;'], ['error 1 field-empty']],
    ['a space at the end', ['v=STSv1; id=a '], ['error 1 trailing-space']],
    ['a space after the last semicolon', ['v=STSv1; id=a; '], []],
    [
      'a no-break space round the delimiter',
      ['v=STSv1;\u00a0id=a'],
      ['error 1 not-ascii', 'error 1 name-malformed', 'error 1 id-missing'],
    ],
    ['NUL', ['v=STSv1; id=a\0'], ['error 1 id-malformed']],
    ['CR LF at the end', ['v=STSv1; id=a;\r\n'], ['error 1 field-malformed']],
    ['an empty id', ['v=STSv1; id='], ['error 1 id-malformed']],
    ['33 characters', [`v=STSv1; id=${'a'.repeat(33)}`], ['error 1 id-malformed']],
    ['a space before the equals sign', ['v=STSv1; id =a'], ['error 1 name-malformed', 'error 1 id-missing']],
    ['a second id that is no id', ['v=STSv1; id=a; id=b-c'], ['warning 1 id-repeated']],
    [
      'a second id that is no field',
      ['v=STSv1; id=a; id='],
      ['warning 1 id-repeated', 'error 1 value-missing'],
    ],
    [
      'a bad first id and a good second',
      ['v=STSv1; id=b-c; id=a'],
      ['error 1 id-malformed', 'warning 1 id-repeated'],
    ],
    ['an extension with every legal sign', ['v=STSv1; id=a; x.y-z_1=!"#$:<>?@[]^`{|}~'], []],
    ['DEL in an extension', ['v=STSv1; id=a; x=\x7f'], ['error 1 value-malformed']],
    ['a field without a name', ['v=STSv1; id=a; =x'], ['error 1 name-malformed']],
  ])('%s', (_, records, problems) => {
    expect(told(...records)).toEqual(problems)
  })

  it('says what to write instead of an illegal id', () => {
    const [problem] = parseStsRecord(['v=STSv1; id=2024-01-31;']).problems
    expect(problem?.message).toContain('"id=20240131;"')
    expect(problem?.rfc).toBe('RFC 8461 §3.1')
  })
})
