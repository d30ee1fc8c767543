import { existsSync } from 'node:fs'
import { type CheckedKey, checkDkimKeys, hasProblem } from '../app/check-dkim-keys.ts'
import { REAL_WORLD, type World } from '../app/open-probe.ts'
import { openResolver } from '../app/open-resolver.ts'
import type { DkimUse } from '../check/dkim-record.ts'
import type { ResolverConfig } from '../config/watch-config.ts'
import { printableJson } from '../lib/printable-json.ts'
import { systemClock } from '../lib/time.ts'
import type { DomainName } from '../protocol/domain-name.ts'
import { recordLines } from './dkim-record-lines.ts'
import { loadEnv, loadInstallation } from './installation.ts'
import { EXIT, type Io } from './io.ts'
import { type Paint, painter } from './paint.ts'
import { readResolvers } from './resolver-options.ts'

export interface DkimCheckRequest {
  readonly configFile: string
  readonly resolvers: readonly string[]
  readonly json: boolean
}

/**
 * `dkim check`: the published records against the keys that we have. Exit status 0 when all is well, 1 with problems, 3
 * when the DNS gave no answer, 78 without keys.
 */
export async function dkimCheckCommand(
  request: DkimCheckRequest,
  io: Io,
  world: World = REAL_WORLD,
): Promise<number> {
  const env = loadEnv(io)
  if (env === null) return EXIT.config
  if (env.dkim === null) {
    io.err(
      'stswatch dkim check: no key is configured. Make keys, and see what to set, with: stswatch dkim keygen\n',
    )
    return EXIT.config
  }
  const given = readResolvers(request.resolvers)
  if (!given.ok) {
    io.err(`stswatch dkim check: ${given.error}\n`)
    return EXIT.usage
  }
  const servers = await resolversOf(request, given.value, io)
  if (servers === null) return EXIT.config
  const resolver = openResolver({ resolvers: servers }, systemClock, world.limits)
  const checked = await checkDkimKeys(env.dkim, resolver, new AbortController().signal)
  io.out(request.json ? asJson(env.dkim.domain, checked) : asText(checked, painter(io.terminal)))
  return statusOf(checked)
}

/** Those of the command line, else the installation's, else the system's; null after the reason was printed. */
async function resolversOf(
  { configFile }: DkimCheckRequest,
  given: readonly ResolverConfig[],
  io: Io,
): Promise<readonly ResolverConfig[] | null> {
  if (given.length > 0) return given
  if (!existsSync(configFile)) return [{ kind: 'system' }]
  const installation = await loadInstallation(configFile, io)
  return installation?.config.resolvers ?? null
}

function statusOf(checked: readonly CheckedKey[]): number {
  if (checked.some(({ judgement }) => judgement !== null && hasProblem(judgement))) return EXIT.findings
  return checked.some(({ judgement }) => judgement === null) ? EXIT.undecided : EXIT.ok
}

function asJson(domain: DomainName, checked: readonly CheckedKey[]): string {
  const keys = checked.map(({ use, selector, name, record, judgement, why }) => ({
    use,
    selector,
    name,
    expected: record,
    works: judgement?.works ?? null,
    problems: judgement?.problems ?? [],
    undecided: why,
  }))
  return `${printableJson(JSON.stringify({ domain, status: statusOf(checked), keys }))}\n`
}

const USE_WORDS: Readonly<Record<DkimUse, string>> = { mail: 'ordinary mail', reports: 'TLS reports' }
const MARK = { error: '✗', warning: '!', info: 'i' } as const
const STYLE = { error: 'red', warning: 'yellow', info: 'cyan' } as const

function asText(checked: readonly CheckedKey[], paint: Paint): string {
  return checked.map((key) => `${keyText(key, paint).join('\n')}\n`).join('\n')
}

function keyText({ use, name, record, judgement, why }: CheckedKey, paint: Paint): readonly string[] {
  const title = `${paint('bold', name)}  (our key for ${USE_WORDS[use]})`
  if (judgement === null) return [title, `  ${paint('yellow', '?')} We could not find out: ${why}`]
  const { works, problems } = judgement
  const verdict = works.length === 0 ? 'no mail' : works.map((one) => USE_WORDS[one]).join(' and ')
  const mark = works.includes(use) ? paint('green', '✓') : paint('red', '✗')
  const hasError = problems.some(({ severity }) => severity === 'error')
  return [
    title,
    `  ${mark} A signature counts for: ${verdict}`,
    ...problems.map(({ severity, message }) => `  ${paint(STYLE[severity], MARK[severity])} ${message}`),
    ...(hasError ? ['', '  Publish:', ...recordLines(name, record).map((line) => `  ${line}`)] : []),
  ]
}
