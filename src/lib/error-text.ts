import { display } from './display.ts'

/** What an error says, in one line that is safe to show. */
export function errorText(error: unknown): string {
  return display(error instanceof Error ? error.message : String(error), 300)
}
