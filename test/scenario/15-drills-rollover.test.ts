import { test } from 'vitest'
import { ROLLOVER_DRILLS } from '../../src/lab/drills/drill-rollover.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(ROLLOVER_DRILLS)('$title ($finding): told once, resolved once', runDrill)
