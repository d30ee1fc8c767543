import { dirname, resolve } from 'node:path'
import { display } from '../lib/display.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { UnixMs } from '../lib/time.ts'
import type { StagedKey } from '../model/staged-key.ts'
import { type DomainName, parseDomainName } from '../protocol/domain-name.ts'
import { readStagedFile, type StagedContents } from './staged-key-file.ts'
import type { WatchFile } from './watch-schema.ts'
import type { YamlPath } from './yaml.ts'

/** The staged keys that `hosts` names, and what is wrong or odd about their files. */
export interface StagedReading {
  readonly keys: ReadonlyMap<DomainName, StagedKey>
  readonly problems: readonly StagedRemark[]
  /** Nothing that makes the file unusable. */
  readonly notices: readonly StagedRemark[]
}

export interface StagedRemark {
  readonly path: YamlPath
  readonly message: string
}

const SHA256_HEX = /^[0-9A-Fa-f]{64}$/
/** SHA-256 of nothing: the command before it failed (field notes D.6). */
const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Reads every file that `hosts` names, relative to watch.yaml. Never throws. */
export function readStagedKeys(hosts: WatchFile['hosts'], watchFile: string, now: UnixMs): StagedReading {
  const keys = new Map<DomainName, StagedKey>()
  const problems: StagedRemark[] = []
  const notices: StagedRemark[] = []
  for (const [written, { next_cert: nextCert, next_key: nextKey }] of Object.entries(hosts)) {
    const host = parseDomainName(written)
    const source = nextCert ?? nextKey
    if (host === null || source === undefined) continue
    const path = ['hosts', written, nextCert === undefined ? 'next_key' : 'next_cert']
    const read = nextCert === undefined ? readKey(source, watchFile) : readCert(source, watchFile)
    if (!read.ok) {
      problems.push({ path, message: read.error })
    } else if (keys.has(host)) {
      problems.push({ path: ['hosts', written], message: `${host} stands in \`hosts\` twice` })
    } else {
      keys.set(host, { host, source, ...read.value })
      const [leaf] = read.value.chain
      if (leaf !== undefined && leaf.notAfterAt <= now) {
        const message = `the certificate in ${display(source)} has expired; put the next one there, or take the entry out`
        notices.push({ path, message })
      }
    }
  }
  return { keys, problems, notices }
}

function readCert(source: string, watchFile: string): Result<StagedContents, string> {
  const read = readNamed(source, watchFile)
  if (!read.ok || read.value.form === 'certificate') return read
  return err(`${display(source)} holds no certificate; name it as next_key: ${display(source)}`)
}

function readKey(source: string, watchFile: string): Result<StagedContents, string> {
  if (!SHA256_HEX.test(source)) return readNamed(source, watchFile)
  const sha256 = source.toLowerCase()
  if (sha256 === OF_NOTHING) {
    return err('this is the SHA-256 of nothing: the command that should have given the key gave none')
  }
  return ok({ form: 'hash', key: { exact: null, sha256, sha512: null }, chain: [] })
}

function readNamed(source: string, watchFile: string): Result<StagedContents, string> {
  const read = readStagedFile(resolve(dirname(watchFile), source))
  return read.ok ? read : err(`${display(source)} ${read.error}`)
}
