/** A trouble that lasts a counted number of times, counted anew whenever the world states another one. */
export class Spell<T extends object> {
  readonly #stated: () => T | null
  readonly #limit: (trouble: T) => number | null
  #current: T | null = null
  #taken = 0

  /** `stated` is what the world says now; `limit` how often that shall happen, null for always. */
  constructor(stated: () => T | null, limit: (trouble: T) => number | null) {
    this.#stated = stated
    this.#limit = limit
  }

  /** The trouble to make now, which is then counted; null when there is none, it is used up, or `applies` says no. */
  take(applies: (trouble: T) => boolean = () => true): T | null {
    const stated = this.#stated()
    if (stated !== this.#current) {
      this.#current = stated
      this.#taken = 0
    }
    if (stated === null || !applies(stated)) return null
    const limit = this.#limit(stated)
    if (limit !== null && this.#taken >= limit) return null
    this.#taken++
    return stated
  }
}
