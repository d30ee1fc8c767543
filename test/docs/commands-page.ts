import type { Command } from 'commander'
import { buildProgram } from '../../src/cli/cli.ts'
import type { Io } from '../../src/cli/io.ts'

/** docs/cli.md, from the help texts of the program itself. */
export function printCommandsPage(): string {
  const pages = leaves(buildProgram(nowhere, () => {})).map(
    ({ path, command }) => `## ${path}\n\n\`\`\`\n${helpOf(command)}\`\`\`\n`,
  )
  return `# Commands\n\n*Printed from the program's own help by \`npm run docs\`.*\n\n${pages.join('\n')}`
}

function leaves(command: Command, path = command.name()): { path: string; command: Command }[] {
  const below = command.commands
    .filter((child) => child.name() !== 'help')
    .flatMap((child) => leaves(child, `${path} ${child.name()}`))
  return [{ path, command }, ...below]
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (piece) => (text += piece), getOutHelpWidth: () => 100 })
  command.outputHelp()
  return text.trimEnd().concat('\n')
}

const nowhere: Io = {
  stdin: (async function* () {})(),
  out: () => {},
  err: () => {},
  drained: async () => {},
  env: {},
  terminal: false,
  columns: 100,
}
