/** A night of reports in a process of its own: something to kill. */

import { liveReporterLife } from './reporter-life.ts'

await liveReporterLife(JSON.parse(process.argv[2] ?? ''))
