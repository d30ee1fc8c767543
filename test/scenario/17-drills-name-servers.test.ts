import { test } from 'vitest'
import { NAME_SERVER_DRILLS } from '../../src/lab/drills/drill-name-servers.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(NAME_SERVER_DRILLS)('$title ($finding): told once, resolved once', runDrill)
