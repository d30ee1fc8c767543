/** Why a database cannot be used. `kind` decides the exit status; the message says what to do. */
export class StoreError extends Error {
  readonly kind: StoreErrorKind

  constructor(kind: StoreErrorKind, message: string) {
    super(message)
    this.name = 'StoreError'
    this.kind = kind
  }
}

export type StoreErrorKind =
  /** The file was written by a newer version of this program (R8). */
  | 'newer-schema'
  /** A migration that was applied is not the one that this program knows (R8). */
  | 'changed-migration'
  /** `quick_check` failed, or the file is no database (R4). */
  | 'corrupt'
  /** NFS, SMB, 9p or FUSE (R13). */
  | 'network-filesystem'
  /** Anybody on this machine could change the data (S48). */
  | 'world-writable'
  /** A safety setting did not take (R1). */
  | 'pragma'
