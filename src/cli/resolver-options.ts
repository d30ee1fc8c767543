import { parseResolver } from '../config/resolver-config.ts'
import type { ResolverConfig } from '../config/watch-config.ts'
import { display } from '../lib/display.ts'
import { err, ok, type Result } from '../lib/result.ts'

/** The values of `--resolver`, or a sentence about the first that is none. */
export function readResolvers(texts: readonly string[]): Result<readonly ResolverConfig[], string> {
  const resolvers: ResolverConfig[] = []
  for (const text of texts) {
    const resolver = parseResolver(text)
    if (resolver === null)
      return err(`--resolver ${display(text)}: write an address and a port, like 127.0.0.1:53 or [::1]:53`)
    resolvers.push(resolver)
  }
  return ok(resolvers)
}
