/** Plays one drill from watch.yaml to the Slack message and the mail, and says what must have been told. */

import { expect } from 'vitest'
import { DRILL_DOMAIN, type Drill, type DrillIncident, drillWorld } from '../../src/lab/drills/drill.ts'
import { Stage } from './stage.ts'

const HOUR_MINUTES = 60
const DAY_MINUTES = 24 * HOUR_MINUTES

export async function runDrill(drill: Drill): Promise<void> {
  const domain = { name: DRILL_DOMAIN, expect: drill.expect, ...drill.watch }
  const watch = { domains: [domain], hosts: drill.hosts }
  await using stage = await Stage.open(drill.start(drillWorld()), { watch, resolvers: 3 })
  await stage.pass(16)
  expect({ slack: stage.slackThreads(), mails: stage.mailTexts() }).toEqual({ slack: [], mails: [] })

  stage.change(drill.break)
  await stage.pass(drill.minutesToOpen, drill.minutesToOpen > DAY_MINUTES ? HOUR_MINUTES : 1)
  expect(await stage.openWithSeverity()).toEqual(drill.opens.map(asText).sort())
  expect(told(stage, drill, drill.remedy)).toEqual({ slack: true, mail: true })

  stage.change(drill.mend)
  await stage.pass(drill.minutesToResolve)
  expect(await stage.openIncidents()).toEqual([])
  expect(summary(stage)).toEqual({
    threads: drill.opens.map(() => 'opened, then resolved'),
    changes: drill.changes,
    mails: { opened: drill.opens.length, resolved: drill.opens.length, changed: drill.changes },
  })
}

function asText({ severity, code, subject }: DrillIncident): string {
  return [severity, code, subject].filter((part) => part !== null).join(' ')
}

/** Has the remedy been shown on both channels? Mails break long lines at spaces. */
function told(stage: Stage, drill: Drill, remedy: string): { slack: boolean; mail: boolean } {
  const has = (text: string) => text.replace(/\s+/g, ' ').includes(remedy)
  if (drill.opens.length === 0) throw new Error('a drill opens something')
  return { slack: stage.slackRoots().some(has), mail: stage.mailTexts().some(has) }
}

function summary(stage: Stage): object {
  const threads = stage.slackThreads().map((thread) => thread.split('\n'))
  const incidents = threads.filter((lines) => lines.length > 1)
  const subjects = stage.mailTexts().map((mail) => mail.split('\n')[0] ?? '')
  const count = (label: RegExp) => subjects.filter((subject) => label.test(subject)).length
  return {
    threads: incidents.map((lines) =>
      lines.length === 2 && /resolved/i.test(lines[1] ?? '') ? 'opened, then resolved' : lines,
    ),
    changes: threads.length - incidents.length,
    mails: {
      opened: count(/^\[(info|warning|critical)\]/),
      resolved: count(/^\[resolved\]/),
      changed: count(/^\[changed\]/),
    },
  }
}
