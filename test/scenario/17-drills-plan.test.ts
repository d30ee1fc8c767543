import { test } from 'vitest'
import { PLAN_DRILLS } from '../../src/lab/drills/drill-plan.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(PLAN_DRILLS)('$title ($finding): told once, resolved once', runDrill)
