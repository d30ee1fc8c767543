import { test } from 'vitest'
import { DANE_DRILLS } from '../../src/lab/drills/drill-dane.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(DANE_DRILLS)('$title ($finding): told once, resolved once', runDrill)
