import { expect, it } from 'vitest'
import { watchedNames } from '../../../src/app/watched-names.ts'
import type { SnapshotId } from '../../../src/model/snapshot.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { commit, DOMAIN, mxHost, snapshot, T0 } from '../../contract/store-samples.ts'

it('a domain is named by itself and by the mail hosts that it was last seen to have', async () => {
  await using store = await openStore(':memory:', {
    owner: true,
    allowNetworkFilesystem: false,
    warn: () => {},
  })
  const host = 'mx1.shared.example' as DomainName
  const other = 'other.example' as DomainName
  for (const domain of [DOMAIN, other]) {
    const hosts = [mxHost(host, T0), mxHost('no name!', T0)]
    await store.commitCheck(commit(snapshot(T0, { domain, hosts, id: `snap_${domain}` as SnapshotId })))
  }
  const names = await watchedNames([DOMAIN, other, 'new.example' as DomainName], store.snapshots)
  expect([...names.domains]).toEqual([DOMAIN, other, 'new.example'])
  expect(names.domainsWithMx(host)).toEqual([DOMAIN, other])
  expect(names.domainsWithMx('mx9.shared.example' as DomainName)).toEqual([])
})
