import type { Story } from './story.ts'

const COLOURS: Readonly<Record<Story['severity'] | 'resolved', string>> = {
  critical: '#c62828',
  warning: '#e07b00',
  info: '#1d4ed8',
  resolved: '#2e7d32',
}

/** The colour of the bar beside a message: `#c62828`. */
export function storyColour({ label, severity }: Story): string {
  return COLOURS[label === 'resolved' ? 'resolved' : severity]
}
