import { test } from 'vitest'
import { RECORD_DRILLS } from '../../src/lab/drills/drill-records.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(RECORD_DRILLS)('$title ($finding): told once, resolved once', runDrill)
