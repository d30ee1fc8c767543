import { test } from 'vitest'
import { dnsFails, type Outage, runOutage } from './outage.ts'

const DNS_OUTAGES: readonly Outage[] = [
  {
    name: 'no resolver answers',
    code: 'monitor.dns.blind',
    title: 'This monitor cannot see the DNS',
    breaks: dnsFails('timeout'),
    minutes: 60,
    silent: true,
  },
  {
    name: 'a resolver says that no name exists',
    code: 'monitor.dns.blind',
    title: 'This monitor cannot see the DNS',
    breaks: dnsFails('nxdomain'),
    minutes: 60,
    silent: false,
  },
]

test.concurrent.each(DNS_OUTAGES)('$name: $code, once, and no domain is blamed', runOutage, 60_000)
