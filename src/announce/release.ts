import type { Incident } from '../model/incident.ts'

/**
 * What becomes of that which was held back of an incident: told when nothing keeps it quiet any more and it still lasts,
 * or ended for people who had heard of it before; dropped when it came and went unheard; kept otherwise.
 */
export function releaseOf({ phase }: Incident, wasTold: boolean, isQuiet: boolean): 'keep' | 'tell' | 'drop' {
  switch (phase.name) {
    case 'open':
    case 'recovering':
      return isQuiet ? 'keep' : 'tell'
    case 'resolved':
      if (isQuiet) return 'keep'
      return wasTold ? 'tell' : 'drop'
    case 'suspected':
      // Resolved, and seen again just now: what it comes to decides.
      return 'keep'
    case 'dismissed':
      return 'drop'
  }
}
