import { expect, test } from 'vitest'
import { planFor } from './servers/packages.ts'

const nothing = () => false
const onlyPostfix = (program: string) => program === 'postfix'

test('a missing server fails the suite with the package and the command that installs it', () => {
  expect(planFor(['postfix', 'nginx-light', 'knot'], onlyPostfix, undefined)).toEqual({
    action: 'fail',
    reason:
      'the packages nginx-light, knot are not installed: apt-get install --no-install-recommends nginx-light knot',
  })
  expect(planFor(['unbound'], nothing, '0').action).toBe('fail')
})

test('STSWATCH_INTEROP_SKIP=1 skips what cannot run, with the same reason, and nothing else', () => {
  expect(planFor(['unbound'], nothing, '1')).toEqual({
    action: 'skip',
    reason: 'the package unbound is not installed: apt-get install --no-install-recommends unbound',
  })
  expect(planFor(['postfix'], onlyPostfix, '1')).toEqual({ action: 'run' })
})
