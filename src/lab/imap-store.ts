import { LabFolder } from './imap-folder.ts'

/** Every folder of the one account, by name. */
export class ImapStore {
  readonly #folders = new Map<string, LabFolder>()
  readonly #watchers = new Set<() => void>()
  #nextValidity = 1_700_000_000

  constructor() {
    this.create('INBOX')
  }

  get names(): readonly string[] {
    return [...this.#folders.keys()]
  }

  /** INBOX in any case (RFC 3501). */
  find(name: string): LabFolder | null {
    return this.#folders.get(canonical(name)) ?? null
  }

  /** False when it exists. */
  create(name: string): boolean {
    if (this.find(name) !== null) return false
    this.#folders.set(canonical(name), new LabFolder(canonical(name), this.newValidity()))
    return true
  }

  delete(name: string): void {
    this.#folders.delete(canonical(name))
  }

  newValidity(): number {
    return this.#nextValidity++
  }

  /** Calls `told` whenever somebody says that a folder has changed; gives what ends that. */
  watch(told: () => void): () => void {
    this.#watchers.add(told)
    return () => this.#watchers.delete(told)
  }

  changed(): void {
    for (const told of this.#watchers) told()
  }
}

function canonical(name: string): string {
  return name.toUpperCase() === 'INBOX' ? 'INBOX' : name
}
