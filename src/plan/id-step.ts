import type { PlanWorld } from './plan-world.ts'
import { idIsNew, recordLine, text } from './step-parts.ts'
import { HARMLESS, NO, NO_WAIT, type StepRule, YES } from './step-rule.ts'

/**
 * The new id after a new file (RFC 8461 §8.1). A new id that came first, while this plan was being followed, is a step
 * taken too early: whoever saw it fetched the old text and keeps it under that id.
 */
export function idStep(
  world: PlanWorld,
  id: string,
  file: { readonly id: string; readonly isDone: boolean },
): StepRule {
  const { domain } = world.facts.snapshot
  const isAlone = !file.isDone && cameAlone(world)
  return {
    id,
    title: 'Publish a new id, so that senders fetch it',
    lines: [recordLine(domain, world.now)],
    doneWhen: 'the record has an id that no earlier text was served under',
    done: file.isDone ? idIsNew(world) : isAlone ? YES : NO,
    blocks: [],
    waits: NO_WAIT,
    isBegun: false,
    ifEarly: isAlone
      ? {
          needs: [file.id],
          hurt: 'Senders that saw the new id fetched the text of before, and keep it under that id until its max_age has passed.',
          remedy: [text('Serve the new policy, then publish another id:'), recordLine(domain, world.now)],
        }
      : HARMLESS,
  }
}

function cameAlone({ judgement, begunAt }: PlanWorld): boolean {
  return judgement.findings.some(
    (finding) =>
      finding.code === 'mta-sts.policy.id-changed-without-text' && finding.evidence.changedAt > begunAt,
  )
}
