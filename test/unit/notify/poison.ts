import type { Description } from '../../../src/model/description.ts'
import type { Incident } from '../../../src/model/incident.ts'
import type { Message } from '../../../src/notify/notifier.ts'
import type { Wording } from '../../../src/notify/wording.ts'
import { incident, message, step, wording } from './message-builder.ts'

/** Text that attacks terminals, logs, mails, Slack, HTML and spreadsheets at once. */
export const POISON =
  "\u001b[2J\u001b]0;x\u0007\u001b]8;;http://e.test\u001b\\ \r\nInjected: 1\r\n\u0000\u0085\u2028\u202e<!channel> <@U1> <http://e.test|ok> *b* _i_ `c` ```d``` &lt; </script><img src=x onerror=alert(1)> ' \" {{7*7}} $\u007b7*7} %s %n =cmd|' /C calc'!A0 ../../etc/passwd =?utf-8?Q?evil?= \ud800"

/** Every text of a message is `text`: what the finding says, whom it is about, how it is called. */
export function messageOf(text: string): { readonly message: Message; readonly wording: Wording } {
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
  const hostile = (domain: string): Incident => ({
    ...incident({ domain, subject: text }),
    id: text as Incident['id'],
  })
  const contents = [step('opened', hostile('a.example')), step('worsened', hostile('b.example'))]
  return {
    message: { ...message(contents), threadIncidents: [hostile('a.example'), hostile('b.example')] },
    wording: wording(description),
  }
}
