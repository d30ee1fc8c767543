import { describe } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { admissionContract } from './store-admissions.ts'
import { canaryContract } from './store-canaries.ts'
import { floodContract } from './store-floods.ts'
import { incidentContract } from './store-incidents.ts'
import { jobContract } from './store-jobs.ts'
import { mailContract } from './store-mails.ts'
import { outboxContract } from './store-outbox.ts'
import { paceContract } from './store-pace.ts'
import { pruneContract } from './store-prune.ts'
import { pruneReportContract } from './store-prune-reports.ts'
import { quietContract } from './store-quiet.ts'
import { reparseContract } from './store-reparse.ts'
import { reportContract } from './store-reports.ts'
import { snapshotContract } from './store-snapshots.ts'
import { submissionContract } from './store-submissions.ts'
import { summaryContract } from './store-summaries.ts'

/** Opens an empty store of its own; the test closes it. */
export type OpenEmptyStore = () => Promise<Store>

/** What every Store must do, whatever it is made of. */
export function storeContract(open: OpenEmptyStore): void {
  describe('snapshots', () => snapshotContract(open))
  describe('incidents', () => incidentContract(open))
  describe('outbox', () => outboxContract(open))
  describe('pace', () => paceContract(open))
  describe('quiet', () => quietContract(open))
  describe('jobs', () => jobContract(open))
  describe('prune', () => pruneContract(open))
  describe('prune reports', () => pruneReportContract(open))
  describe('mails', () => mailContract(open))
  describe('reports', () => reportContract(open))
  describe('floods', () => floodContract(open))
  describe('admissions', () => admissionContract(open))
  describe('reparse', () => reparseContract(open))
  describe('submissions', () => submissionContract(open))
  describe('canaries', () => canaryContract(open))
  describe('summaries', () => summaryContract(open))
}
