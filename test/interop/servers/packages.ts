import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'vitest'

/** Each server's Debian package and a program of it that shows that it is installed. */
const PROGRAMS = {
  postfix: 'postfix',
  unbound: 'unbound',
  knot: 'knotd',
  'nginx-light': 'nginx',
  openssl: 'openssl',
  'python3-dkim': 'dkimverify',
  'libmail-dkim-perl': 'dkimproxy-verify',
} as const

export type Package = keyof typeof PROGRAMS

/** What to do with a suite, given what is installed. */
export type Plan = { readonly action: 'run' } | { readonly action: 'fail' | 'skip'; readonly reason: string }

/**
 * A missing server is a failure that names the package and how to get it; only STSWATCH_INTEROP_SKIP=1 turns it into
 * a skip.
 */
export function planFor(
  packages: readonly Package[],
  isInstalled: (program: string) => boolean,
  skip: string | undefined,
): Plan {
  const missing = packages.filter((name) => !isInstalled(PROGRAMS[name]))
  if (missing.length === 0) return { action: 'run' }
  const many = missing.length > 1
  const what = `the ${many ? 'packages' : 'package'} ${missing.join(', ')} ${many ? 'are' : 'is'} not installed`
  const reason = `${what}: apt-get install --no-install-recommends ${missing.join(' ')}`
  return { action: skip === '1' ? 'skip' : 'fail', reason }
}

/** A suite that needs these packages: run, failed with the reason, or skipped with the reason on standard error. */
export function describeWith(packages: readonly Package[], title: string, suite: () => void): void {
  const plan = planFor(packages, (name) => programPath(name) !== null, process.env.STSWATCH_INTEROP_SKIP)
  switch (plan.action) {
    case 'run':
      describe(title, suite)
      return
    case 'skip':
      process.stderr.write(`skipped: ${title}: ${plan.reason}\n`)
      describe.skip(title, suite)
      return
    case 'fail':
      describe(title, () => {
        test('has its servers', () => {
          throw new Error(plan.reason)
        })
      })
  }
}

/** The path of a program of one of the packages; servers live in sbin, which a user's PATH may lack. */
export function programOf(name: Package): string {
  const path = programPath(PROGRAMS[name])
  if (path === null) throw new Error(`the package ${name} is not installed`)
  return path
}

function programPath(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
