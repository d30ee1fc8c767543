import { randomBytes } from 'node:crypto'

/** Makes a fresh id with the given prefix, e.g. `inc_4f2c9a`; passed in so that tests can count instead. */
export type NewId = (prefix: string) => string

/** 48 random bits: short enough to type, unlikely enough to meet twice. */
export const randomId: NewId = (prefix) => `${prefix}_${randomBytes(6).toString('hex')}`
