import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram, cli } from '../../../src/cli/cli.ts'
import { capturedIo } from './captured-io.ts'

async function say(...argv: readonly string[]) {
  const { io, said } = capturedIo()
  return { status: await cli(argv, io), ...said }
}

/** The words of every command, e.g. `watch add`. */
function commandLines(command: Command, before: readonly string[] = []): readonly (readonly string[])[] {
  return command.commands.flatMap((one) => {
    const words = [...before, one.name()]
    return [words, ...commandLines(one, words)]
  })
}

const COMMANDS = commandLines(buildProgram(capturedIo().io, () => {}))

describe('--help', () => {
  test('of the whole lists every command and says where to start', async () => {
    const { status, out, err } = await say('--help')
    expect([status, err]).toEqual([0, ''])
    for (const [name = ''] of COMMANDS) expect(out).toMatch(new RegExp(`^ +${name}\\b`, 'm'))
    expect(out).toContain('stswatch check example.org')
  })

  test.each(COMMANDS.map((words) => [words.join(' '), words] as const))(
    'of %s says what it does and takes',
    async (_, words) => {
      const { status, out, err } = await say(...words, '--help')
      expect([status, err]).toEqual([0, ''])
      const [usage = '', , description = ''] = out.split('\n')
      expect(usage).toMatch(new RegExp(`^Usage: stswatch ${words.join(' ')}\\b`))
      expect(description.length).toBeGreaterThan(10)
      expect(out).toContain('--help')
    },
  )
})

describe('a slip of the fingers', () => {
  test.each<[readonly string[], RegExp]>([
    [['chekc'], /unknown command 'chekc'\n\(Did you mean check\?\)/],
    [['wacth', 'list'], /Did you mean watch\?/],
    [['watch', 'ad', 'a.example'], /unknown command 'ad'\n\(Did you mean add\?\)/],
    [['check', '--jsno', 'a.example'], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
    [['run', '--role', 'boss'], /argument 'boss' is invalid\. Allowed choices are all, scheduler, worker\./],
    [['history'], /missing required argument 'domain'/],
    [['history', 'a.example', 'b.example'], /too many arguments/],
  ])('%j ends with 2 and a way on', async (argv, complaint) => {
    const { status, out, err } = await say(...argv)
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(complaint)
  })

  test('no command at all shows the help', async () => {
    const { status, err } = await say()
    expect(status).toBe(2)
    expect(err).toContain('Usage: stswatch')
  })
})
