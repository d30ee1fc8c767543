import type { StagedRollover } from '../../../src/check/facts.ts'
import { DAY_MS } from '../../../src/lib/time.ts'
import { NO_HISTORY } from '../../../src/model/rollover.ts'
import type { BrokenDomain } from './broken.ts'
import {
  lookAt,
  NEW,
  NEW_RECORD,
  OLD,
  OLD_RECORD,
  presenting,
  STAGED,
  seenKeys,
  seenSets,
} from './rollover-builder.ts'
import { MX1, NOW } from './snapshot-builder.ts'

const BOTH = [OLD_RECORD, NEW_RECORD]

function changing(
  name: string,
  finding: string,
  host: ReturnType<typeof presenting>,
  change: Partial<StagedRollover>,
): BrokenDomain {
  const rollover = { staged: STAGED, history: NO_HISTORY, ...change }
  return {
    name,
    snapshot: lookAt(host),
    findings: [`${finding} ${MX1}`],
    context: { rollovers: new Map([[MX1, rollover]]) },
  }
}

const published = (hoursAgo: number) => ({
  tlsa: seenSets([9_000, [OLD_RECORD]], [hoursAgo, BOTH]),
  keys: new Map(),
})
const data = { exact: null, sha256: NEW, sha512: null }
const ending = (days: number) => ({
  staged: { ...STAGED, chain: [{ whole: data, key: data, notBeforeAt: 0, notAfterAt: NOW + days * DAY_MS }] },
})

/** Changes of keys whose steps come out of order, or not at all. */
export const BROKEN_ROLLOVERS: readonly BrokenDomain[] = [
  changing(
    'the next key without its record',
    'critical dane.rollover.too-early',
    presenting([OLD_RECORD], NEW, NEW),
    {},
  ),
  changing(
    'the next key right after its record, at one address of two',
    'warning dane.rollover.too-early',
    presenting(BOTH, NEW, OLD),
    { history: published(0.5) },
  ),
  changing('the next key within the margin', 'warning dane.rollover.too-early', presenting(BOTH, NEW, NEW), {
    history: published(1.5),
  }),
  changing(
    'the record of the next key in the place of the one in use',
    'critical dane.rollover.old-record-gone-early',
    presenting([NEW_RECORD], OLD, OLD),
    { history: published(9) },
  ),
  changing(
    'the same at one address of two',
    'warning dane.rollover.old-record-gone-early',
    presenting([NEW_RECORD], OLD, NEW),
    { history: published(9) },
  ),
  changing('a key that nobody installs', 'info dane.rollover.stalled', presenting(BOTH, OLD, OLD), {
    history: published(24 * 20),
  }),
  changing('a record that nobody removes', 'info dane.rollover.stalled', presenting(BOTH, NEW, NEW), {
    history: { ...published(24 * 60), keys: seenKeys([9_000, OLD], [24 * 20, NEW]) },
  }),
  changing(
    'a staged certificate that ends soon',
    'info dane.rollover.stalled',
    presenting([OLD_RECORD], OLD),
    ending(5),
  ),
  changing(
    'a staged certificate that has ended',
    'info dane.rollover.stalled',
    presenting([OLD_RECORD], OLD),
    ending(-5),
  ),
]
