import type { Change } from '../model/change.ts'
import type { MxHost, Snapshot } from '../model/snapshot.ts'
import { type Certified, replacedCertificates } from './diff-certificates.ts'
import { answers, listChange } from './diff-records.ts'

/** What differs at the MX hosts that both looks have: TLSA sets, certificates, STARTTLS. */
export function diffHosts(before: Snapshot, after: Snapshot): readonly Change[] {
  return after.hosts.flatMap((host) => {
    const was = before.hosts.find((one) => one.name === host.name)
    if (was === undefined) return []
    return [
      ...tlsa(after, was, host),
      ...replacedCertificates(after.domain, 'mx-certificate', certified(was), certified(host)),
      ...startTls(after, was, host),
    ]
  })
}

function tlsa(after: Snapshot, was: MxHost, is: MxHost): readonly Change[] {
  const pair = answers(was.tlsa, is.tlsa)
  return pair === null ? [] : listChange(after, 'tlsa', is.name, `TLSA of ${is.name}`, pair)
}

function certified(host: MxHost): readonly Certified[] {
  return host.sessions.flatMap(({ address, smtp }) => {
    if (smtp.outcome !== 'seen' || smtp.value.startTls.outcome !== 'established') return []
    const [leaf] = smtp.value.startTls.tls.chain
    return leaf === undefined ? [] : [{ host: host.name, address, at: smtp.at, leaf }]
  })
}

function startTls(after: Snapshot, was: MxHost, is: MxHost): readonly Change[] {
  return is.sessions.flatMap(({ address, smtp }) => {
    const earlier = was.sessions.find((session) => session.address === address)?.smtp
    if (smtp.outcome !== 'seen' || earlier?.outcome !== 'seen') return []
    const had = earlier.value.startTls.outcome !== 'not-offered'
    const has = smtp.value.startTls.outcome !== 'not-offered'
    if (had === has) return []
    const change: Change = {
      domain: after.domain,
      at: smtp.at,
      part: 'mx-session',
      subject: is.name,
      summary: `${is.name} [${address}] ${has ? 'offers STARTTLS again' : 'no longer offers STARTTLS'}`,
      removed: [],
      added: [],
      notable: false,
      settles: null,
    }
    return [change]
  })
}
