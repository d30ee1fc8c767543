import type { Migration } from './migrate.ts'
import { init } from './migrations/0001-init.ts'
import { reports } from './migrations/0002-reports.ts'
import { quiet } from './migrations/0003-quiet.ts'
import { summary } from './migrations/0004-summary.ts'
import { submissions } from './migrations/0005-submissions.ts'
import { canaries } from './migrations/0006-canaries.ts'

/** Every migration, oldest first. New ones go to the end. */
export const MIGRATIONS: readonly Migration[] = [init, reports, quiet, summary, submissions, canaries]
