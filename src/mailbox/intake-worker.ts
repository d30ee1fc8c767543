/** The reading thread: everything that a sender can make costly happens here (S6). Started by reading-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { openDesk } from './intake-desk.ts'
import type { IntakeOrder, IntakeThreadData } from './intake-messages.ts'
import { MemoryBlob } from './memory-blob.ts'

Object.assign(globalThis, { Blob: MemoryBlob })

const { trustAuthservId }: IntakeThreadData = workerData
const desk = openDesk({ trustAuthservId })
let work = Promise.resolve()

parentPort?.on('message', (order: IntakeOrder) => {
  // One after the other, so that the oldest unanswered order is the one that is being worked on. What is thrown ends the
  // thread, and its owner starts another.
  work = work.then(async () => parentPort?.postMessage(await desk.serve(order)))
})
