import type { Io } from './io.ts'

/** Who types: the name that the shell knows; "somebody" when it knows none. */
export function personOf({ env }: Pick<Io, 'env'>): string {
  return env.SUDO_USER ?? env.USER ?? env.LOGNAME ?? 'somebody'
}
