import { test } from 'vitest'
import { MAIL_HOST_DRILLS } from '../../src/lab/drills/drill-mail-hosts.ts'
import { runDrill } from './run-drill.ts'

test.concurrent.each(MAIL_HOST_DRILLS)('$title ($finding): told once, resolved once', runDrill)
