import type { Description } from '../../../src/model/description.ts'
import type { Incident } from '../../../src/model/incident.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import { incident, message, notification, step, T0, wording } from './message-builder.ts'

/** Text that attacks terminals, logs, mails, Slack, HTML and spreadsheets at once. */
export const POISON =
  "\u001b[2J\u001b]0;x\u0007\u001b]8;;http://e.test\u001b\\ \r\nInjected: 1\r\n\u0000\u0085\u2028\u202e<!channel> <@U1> <http://e.test|ok> *b* _i_ `c` ```d``` &lt; </script><img src=x onerror=alert(1)> ' \" {{7*7}} $\u007b7*7} %s %n =cmd|' /C calc'!A0 ../../etc/passwd =?utf-8?Q?evil?= \ud800"

interface Hostile {
  readonly message: Message
  readonly wording: Wording
}

function hostile(domain: string, text: string): Incident {
  return { ...incident({ domain, subject: text }), id: text as Incident['id'] }
}

function worded(text: string): Wording {
  const description: Description = {
    title: text,
    seen: text,
    impact: text,
    remedy: [
      { kind: 'text', text },
      { kind: 'code', text },
    ],
    rfc: text,
  }
  return wording(description)
}

/**
 * Every text of a message is `text`: what the finding says, whom it is about, how it is called, who looks after it, what
 * kept it quiet.
 */
export function messageOf(text: string): Hostile {
  const incidents = ['a.example', 'b.example'].map((domain) => hostile(domain, text))
  const contents = incidents.map((one, n) => step(n === 0 ? 'opened' : 'worsened', one))
  return {
    message: {
      notifications: contents.map((content) => notification(content, { held: text })),
      threadIncidents: incidents,
      acknowledgements: [{ incident: text as Incident['id'], transitions: 1, by: text, at: T0, note: text }],
      threadReference: null,
    },
    wording: worded(text),
  }
}

/** A reminder of one incident; every text is `text`. */
export function reminderOf(text: string): Hostile {
  return { message: message([step('reminder', hostile('a.example', text), T0 + 1)]), wording: worded(text) }
}

/** A digest of two conversations; every text is `text`. */
export function digestOf(text: string): Hostile {
  const incidents = ['a.example', 'b.example'].map(
    (domain, n): Incident => ({ ...hostile(domain, text), id: `${n}${text}` as Incident['id'] }),
  )
  const thread = (n: number) => `thr_${n}` as Incident['thread']
  return {
    message: {
      ...message([]),
      notifications: incidents.map((one, n) =>
        notification(step('opened', one), { thread: thread(n), held: text }),
      ),
      threadIncidents: incidents,
    },
    wording: worded(text),
  }
}
