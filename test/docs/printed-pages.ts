import { printFindingsPage } from '../../src/announce/catalogue.ts'
import { printConfigurationPage } from '../../src/config/configuration-page.ts'
import { printWatchSchema } from '../../src/config/watch-json-schema.ts'
import { printArchitecturePage } from './architecture-page.ts'
import { printCommandsPage } from './commands-page.ts'
import { printPolicyPage } from './policy-page.ts'

/** Every page that is printed from the code. */
export function printedPages(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: 'docs/architecture.md', text: printArchitecturePage() },
    { path: 'docs/cli.md', text: printCommandsPage() },
    { path: 'docs/configuration.md', text: printConfigurationPage() },
    { path: 'docs/findings.md', text: printFindingsPage() },
    { path: 'docs/policy.md', text: printPolicyPage() },
    { path: 'config/watch.schema.json', text: printWatchSchema() },
  ]
}
