import { type ReaderRule, refusedBy, refusedByAllBut } from './readers.ts'

/** A peculiarity of a policy text that readers treat differently. */
export type PolicyQuirk =
  | 'blank-line'
  | 'white-line'
  | 'stray-cr'
  | 'control-character'
  | 'mixed-line-ends'
  | 'byte-order-mark'
  | 'not-utf8'
  | 'markup'
  | 'line-without-colon'
  | 'leading-space'
  | 'space-before-colon'
  | 'unknown-key'
  | 'unknown-key-with-colon'
  | 'key-malformed'
  | 'tab-in-value'
  | 'value-missing'
  | 'mx-value-missing'
  | 'hidden-line-break'
  | 'repeated-same'
  | 'repeated-other'
  | 'repeated-bad'
  | 'version-missing'
  | 'version-key-case'
  | 'version-malformed'
  | 'mode-missing'
  | 'mode-case'
  | 'mode-malformed'
  | 'mx-missing'
  | 'mx-key-case'
  | 'mx-missing-in-none'
  | 'mx-trailing-dot'
  | 'mx-long-label'
  | 'mx-not-a-host'
  | 'mx-malformed'
  | 'max-age-missing'
  | 'max-age-zero'
  | 'max-age-over'
  | 'max-age-far-over'
  | 'max-age-many-digits'
  | 'max-age-number-form'
  | 'max-age-no-number'
  | 'too-large'

const LAST_COUNTS = 'takes the last one'

/** What each reader does with each peculiarity. test/vectors holds the inputs that it was found with. */
export const POLICY_RULES: Readonly<Record<PolicyQuirk, ReaderRule>> = {
  'blank-line': refusedBy('mox', 'go-mtasts', 'tlspol'),
  'white-line': refusedBy('mox', 'go-mtasts', 'tlspol', 'checkdmarc', 'kumomta'),
  'stray-cr': refusedBy('mox', 'go-mtasts', 'tlspol', 'checkdmarc', 'kumomta'),
  'control-character': refusedBy('mox', 'tlspol', 'checkdmarc'),
  'mixed-line-ends': refusedBy('checkdmarc'),
  'byte-order-mark': refusedByAllBut('mailauth', 'stalwart'),
  'not-utf8': refusedBy('tlspol', 'postfix-mta-sts-resolver', 'checkdmarc', 'stalwart', 'kumomta'),
  markup: refusedByAllBut(),
  'line-without-colon': refusedBy('mox', 'go-mtasts', 'tlspol', 'checkdmarc', 'kumomta'),
  'leading-space': refusedBy('mox', 'go-mtasts', 'tlspol', 'postfix-mta-sts-resolver'),
  'space-before-colon': refusedBy('mox', 'go-mtasts', 'tlspol', 'postfix-mta-sts-resolver'),
  'unknown-key': refusedBy('checkdmarc'),
  'unknown-key-with-colon': refusedBy('go-mtasts', 'checkdmarc'),
  'key-malformed': refusedBy('mox', 'tlspol', 'checkdmarc'),
  'tab-in-value': refusedBy('mox', 'tlspol', 'checkdmarc'),
  'value-missing': refusedBy('mox', 'tlspol', 'checkdmarc'),
  'mx-value-missing': refusedBy('mox', 'tlspol', 'checkdmarc', 'stalwart'),
  'hidden-line-break': {
    ...refusedBy('go-mtasts', 'tlspol', 'checkdmarc'),
    otherwise: { 'postfix-mta-sts-resolver': 'begins a new line there' },
  },
  'repeated-same': refusedBy('checkdmarc', 'kumomta'),
  'repeated-other': {
    ...refusedBy('checkdmarc', 'kumomta'),
    otherwise: {
      chasquid: LAST_COUNTS,
      'go-mtasts': LAST_COUNTS,
      'postfix-mta-sts-resolver': LAST_COUNTS,
      mailauth: LAST_COUNTS,
      stalwart: LAST_COUNTS,
    },
  },
  'repeated-bad': refusedByAllBut('tlspol'),
  'version-missing': refusedByAllBut('stalwart', 'checkdmarc'),
  'version-key-case': refusedByAllBut('mailauth', 'stalwart'),
  'version-malformed': refusedByAllBut(),
  'mode-missing': {
    ...refusedBy('mox', 'chasquid', 'go-mtasts', 'tlspol', 'postfix-mta-sts-resolver', 'kumomta'),
    otherwise: { stalwart: 'reads mode none', mailauth: 'reads mode none', checkdmarc: 'reads mode none' },
  },
  'mode-case': refusedByAllBut('mailauth'),
  'mode-malformed': refusedByAllBut(),
  'mx-missing': refusedByAllBut(),
  'mx-key-case': refusedByAllBut('mailauth'),
  'mx-missing-in-none': refusedBy('chasquid', 'stalwart'),
  'mx-trailing-dot': refusedBy('mox'),
  'mx-long-label': refusedBy('tlspol'),
  'mx-not-a-host': refusedBy('mox', 'go-mtasts', 'tlspol', 'checkdmarc'),
  'mx-malformed': refusedBy('mox', 'tlspol'),
  'max-age-missing': {
    ...refusedByAllBut('stalwart', 'checkdmarc'),
    otherwise: { stalwart: 'keeps it one day' },
    source: 'cases and source code',
  },
  'max-age-zero': {
    ...refusedBy('chasquid'),
    otherwise: { stalwart: 'keeps it one day' },
    source: 'cases and source code',
  },
  'max-age-over': {
    ...refusedBy('chasquid', 'postfix-mta-sts-resolver', 'checkdmarc', 'mailauth'),
    otherwise: { tlspol: 'keeps it one year', stalwart: 'keeps it one day' },
    source: 'cases and source code',
  },
  'max-age-far-over': refusedBy('mox', 'chasquid', 'postfix-mta-sts-resolver', 'checkdmarc', 'mailauth'),
  'max-age-many-digits': refusedBy('mox', 'tlspol'),
  'max-age-number-form': refusedByAllBut('mailauth', 'stalwart'),
  'max-age-no-number': refusedByAllBut('stalwart'),
  'too-large': {
    ...refusedBy('tlspol', 'checkdmarc'),
    otherwise: { chasquid: 'reads the first 10 KiB alone' },
    source: 'cases and source code',
  },
}
