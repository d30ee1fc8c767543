import { test } from 'vitest'
import { POLICY_DRILLS } from '../../src/lab/drills/drill-policies.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(POLICY_DRILLS)('$title ($finding): told once, resolved once', runDrill)
