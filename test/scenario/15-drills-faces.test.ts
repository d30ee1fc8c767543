import { test } from 'vitest'
import { FACE_DRILLS } from '../../src/lab/drills/drill-faces.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(FACE_DRILLS)('$title ($finding): told once, resolved once', runDrill)
