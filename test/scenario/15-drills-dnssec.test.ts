import { test } from 'vitest'
import { DNSSEC_DRILLS } from '../../src/lab/drills/drill-dnssec.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(DNSSEC_DRILLS)('$title ($finding): told once, resolved once', runDrill)
