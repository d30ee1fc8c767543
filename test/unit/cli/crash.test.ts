import { expect, test } from 'vitest'
import { tellCrash } from '../../../src/cli/crash.ts'
import { capturedIo } from './captured-io.ts'

test.each([false, true])(
  'a fault that broke the cleaning up as well is told first (terminal: %s)',
  (terminal) => {
    const { io, said } = capturedIo({ terminal })
    tellCrash(new SuppressedError(new Error('the store is closed'), new Error('the disk is full')), io)
    expect(said.err).toMatch(/Error: the disk is full.*then: Error: the store is closed/s)
  },
)
