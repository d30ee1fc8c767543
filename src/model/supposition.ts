import type { DomainName } from '../protocol/domain-name.ts'
import type { MxRecord } from './dns.ts'

/** A world that is not published yet: what of a domain is taken as given, in the place of what is there. */
export interface Supposition {
  readonly domain: DomainName
  /** Null: as it is served. */
  readonly policy: SupposedPolicy | null
  /** The one TXT record at `_mta-sts`; null: as published, or one with a new id where a policy is supposed. */
  readonly stsRecord: string | null
  /** Null: as published. */
  readonly mx: readonly MxRecord[] | null
  /** Empty: as published. */
  readonly tlsa: readonly SupposedTlsa[]
}

export interface SupposedPolicy {
  /** A file, as people call it. */
  readonly from: string
  /** A leading byte order mark kept, U+FFFD for what is no UTF-8. */
  readonly body: string
  readonly validUtf8: boolean
}

export interface SupposedTlsa {
  /** Null: every MX host. */
  readonly host: DomainName | null
  /** `usage selector matching hex` */
  readonly rdata: string
}
