/** Freezes a plain value all the way down, maps and sets included, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Map || value instanceof Set) {
    for (const entry of value.entries()) for (const part of entry) deepFreeze(part)
    // Object.freeze leaves the contents of a Map or Set open.
    for (const method of ['set', 'add', 'delete', 'clear']) {
      Object.defineProperty(value, method, { value: refuse })
    }
  }
  for (const child of Object.values(value)) deepFreeze(child)
  return Object.freeze(value)
}

function refuse(): never {
  throw new TypeError('the configuration is frozen')
}
