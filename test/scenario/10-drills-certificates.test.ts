import { test } from 'vitest'
import { CERTIFICATE_DRILLS } from '../../src/lab/drills/drill-certificates.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(CERTIFICATE_DRILLS)('$title ($finding): told once, resolved once', runDrill)
