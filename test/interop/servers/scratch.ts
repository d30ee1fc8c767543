import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A directory that goes away in the end. It lies in /var/tmp and is open to every user, because servers give up root
 * before they read their files.
 */
export class Scratch implements Disposable {
  readonly path: string

  constructor(name: string) {
    this.path = mkdtempSync(`/var/tmp/stswatch-${name}-`)
    chmodSync(this.path, 0o755)
  }

  /** Writes a file into it and gives its path. */
  write(name: string, content: string | Buffer): string {
    const path = join(this.path, name)
    writeFileSync(path, content)
    return path
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
