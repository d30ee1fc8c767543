import { type ReaderRule, refusedBy, refusedByAllBut } from './readers.ts'

const LAST_COUNTS = 'takes the last one'

/** What each reader does with `_mta-sts` records that have these problems (RFC 8461 §3.1), by the code of the problem. */
export const RECORD_RULES: Readonly<Record<string, ReaderRule>> = {
  'field-malformed': refusedBy('mox', 'go-mtasts', 'tlspol', 'checkdmarc', 'kumomta'),
  'id-malformed': refusedBy('mox', 'tlspol', 'checkdmarc'),
  'not-ascii': refusedBy('mox', 'tlspol', 'postfix-mta-sts-resolver', 'checkdmarc'),
  'id-missing': refusedByAllBut('chasquid'),
  'id-repeated': {
    ...refusedBy('mox', 'checkdmarc'),
    otherwise: {
      'go-mtasts': LAST_COUNTS,
      'postfix-mta-sts-resolver': LAST_COUNTS,
      mailauth: LAST_COUNTS,
      stalwart: LAST_COUNTS,
      kumomta: LAST_COUNTS,
    },
  },
  'multiple-records': refusedByAllBut('chasquid', 'stalwart', 'kumomta'),
  'name-malformed': refusedBy('mox', 'tlspol', 'checkdmarc'),
  'record-missing': refusedByAllBut(),
  'record-unrelated': refusedBy('checkdmarc', 'kumomta'),
  'value-malformed': refusedBy('mox', 'go-mtasts', 'tlspol', 'checkdmarc'),
  'value-missing': refusedBy('mox', 'tlspol', 'checkdmarc'),
  'version-case': refusedByAllBut('mailauth', 'stalwart'),
  'version-escaped': refusedByAllBut(),
  'version-leading-space': refusedByAllBut('mailauth', 'stalwart', 'kumomta'),
  'version-missing': refusedByAllBut(),
  'version-quoted': refusedByAllBut(),
  'version-space': refusedBy('chasquid'),
  'version-spaces': refusedByAllBut('stalwart', 'kumomta'),
  'version-unsupported': refusedByAllBut(),
}
