/** A report as JSON, to be bent by tests. Conforms to RFC 8460 §4.4 as it stands. */
export function plainDetail(): Record<string, unknown> {
  return {
    'result-type': 'certificate-expired',
    'sending-mta-ip': '192.0.2.1',
    'receiving-mx-hostname': 'mx1.a.example',
    'receiving-ip': '198.51.100.1',
    'failed-session-count': 2,
  }
}

export function plainPolicy(): Record<string, unknown> {
  return {
    policy: {
      'policy-type': 'sts',
      'policy-string': ['version: STSv1', 'mode: enforce', 'mx: mx1.a.example', 'max_age: 86400'],
      'policy-domain': 'a.example',
      'mx-host': ['mx1.a.example'],
    },
    summary: { 'total-successful-session-count': 10, 'total-failure-session-count': 2 },
    'failure-details': [plainDetail()],
  }
}

export function plainReport(): Record<string, unknown> {
  return {
    'organization-name': 'Sender',
    'date-range': { 'start-datetime': '2026-01-10T00:00:00Z', 'end-datetime': '2026-01-10T23:59:59Z' },
    'contact-info': 'tls@sender.example',
    'report-id': 'r1@sender.example',
    policies: [plainPolicy()],
  }
}

/** The plain report with one value replaced; `undefined` removes the member. A path is its keys and indices. */
export function bentReport(path: readonly (string | number)[], value: unknown): Record<string, unknown> {
  const report = plainReport()
  let place: Record<string | number, unknown> = report
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>
  const last = path.at(-1) ?? ''
  if (value === undefined) delete place[last]
  else place[last] = value
  return report
}
