import { display } from '../../lib/display.ts'
import { SECOND_MS } from '../../lib/time.ts'
import { type CheckedKey, checkDkimKeys, hasProblem } from '../check-dkim-keys.ts'
import { bad, type DoctorCheck, type DoctorLine, good, unset, warning } from './doctor-line.ts'

const TOPIC = 'DKIM'

/** The keys of this installation against the records that are published for them. */
export const DKIM_CHECK: DoctorCheck = {
  topic: TOPIC,
  deadlineMs: 30 * SECOND_MS,
  async run({ env: { dkim }, resolver }, signal) {
    if (dkim === null) return [unset(TOPIC, 'not configured: mail goes out unsigned (stswatch dkim keygen)')]
    return (await checkDkimKeys(dkim, resolver, signal)).map(line)
  },
}

function line({ use, name, judgement, why }: CheckedKey): DoctorLine {
  if (judgement === null) return warning(TOPIC, `${name} could not be looked up: ${why}`)
  if (judgement.works.includes(use) && !hasProblem(judgement)) {
    return good(TOPIC, `${name} is published and fits our key`)
  }
  const problems = judgement.problems.map(({ message }) => display(message))
  const told = judgement.works.includes(use) ? warning : bad
  return told(TOPIC, `${name}: ${problems.join(' ')}`, 'To see what to publish: stswatch dkim check')
}
