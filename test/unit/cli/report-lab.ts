/** `report …` on the simulated internet: a watched domain, a key of ours that is published, a mail server, and a database. */

import { createPublicKey } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '../../../src/app/open-probe.ts'
import type { Io } from '../../../src/cli/io.ts'
import { healthyDomain } from '../../../src/lab/build-world.ts'
import type { World as LabWorld } from '../../../src/lab/world.ts'
import { DAY_MS, systemClock } from '../../../src/lib/time.ts'
import type { ProbeSession } from '../../../src/model/probe-session.ts'
import type { DomainName } from '../../../src/protocol/domain-name.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/store/store.ts'
import { answer, commit, snapshot } from '../../contract/store-samples.ts'
import { rsaPem } from '../mail/dkim-keys.ts'
import { checkLab, type Said } from './check-lab.ts'

export const DOMAIN = 'example.org' as DomainName
export const RUA = `mailto:tlsrpt@${DOMAIN}`
const SUBMITTER = 'monitor.example'

/** Midnight UTC of yesterday, as the commands see it. */
export function yesterday(): number {
  const now = systemClock.now()
  return now - (now % DAY_MS) - DAY_MS
}

export function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function session(failed: boolean): ProbeSession {
  const at = { sendingMtaIp: null, receivingMxHostname: `mx1.${DOMAIN}`, receivingIp: '192.0.2.25' }
  return {
    policy: {
      policyType: 'sts',
      policyString: ['version: STSv1', 'mode: enforce', `mx: mx1.${DOMAIN}`, 'max_age: 604800'],
      policyDomain: DOMAIN,
      mxHostPatterns: [`mx1.${DOMAIN}`],
    },
    failures: failed ? [{ ...at, resultType: 'certificate-expired', reasonCode: null }] : [],
  }
}

export async function reportLab() {
  const checked = await checkLab([healthyDomain(DOMAIN)])
  const { lab, directory } = checked
  const keyFile = join(directory, 'tlsrpt.pem')
  const pem = rsaPem(2048)
  await writeFile(keyFile, pem, { mode: 0o600 })
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64')
  const record = {
    name: `tlsrpt._domainkey.${SUBMITTER}`,
    ttlSeconds: 60,
    type: 'TXT' as const,
    text: `v=DKIM1; k=rsa; s=tlsrpt; p=${spki}`,
  }
  const healthy: LabWorld = { ...lab.world, records: [...lab.world.records, record] }
  const database = join(directory, 'reports.db')
  const env = {
    DATABASE_FILE: database,
    MAIL_FROM: `tls-reports@${SUBMITTER}`,
    SMTP_URL: `smtp://127.0.0.1:${lab.inbox.port}`,
    DKIM_DOMAIN: SUBMITTER,
    DKIM_REPORT_SELECTOR: 'tlsrpt',
    DKIM_REPORT_KEY_FILE: keyFile,
  }
  const store = () => openStore(database, { owner: true, allowNetworkFilesystem: false, warn: () => {} })
  return {
    lab,
    env,
    directory,
    /** All is well again, and nothing is remembered. */
    async fresh(): Promise<void> {
      lab.change(() => healthy)
      lab.inbox.mails.length = 0
      await Promise.all(['', '-wal', '-shm'].map((suffix) => rm(`${database}${suffix}`, { force: true })))
    },
    /** Three good sessions and one bad one on a day, and the TLSRPT record as it was seen then. */
    async counted(dayAt: number = yesterday(), record = `v=TLSRPTv1; rua=${RUA}`): Promise<void> {
      await using opened = await store()
      const noon = dayAt + DAY_MS / 2
      const taken = snapshot(noon, { domain: DOMAIN, tlsrptRecord: answer([record], noon) })
      const sessions = [false, false, false, true].map(session)
      await opened.commitCheck(commit(taken, { sessions }))
    },
    async remembered<T>(read: (opened: Store) => Promise<T>): Promise<T> {
      await using opened = await store()
      return await read(opened)
    },
    run(
      command: (configFile: string, io: Io, world: World) => Promise<number>,
      parts: Partial<Io> = {},
    ): Promise<Said> {
      return checked.run(command, { io: { env, ...parts } })
    },
    [Symbol.asyncDispose]: () => checked[Symbol.asyncDispose](),
  }
}

export type ReportLab = Awaited<ReturnType<typeof reportLab>>
