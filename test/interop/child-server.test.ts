import { expect, test } from 'vitest'
import { ChildServer } from './servers/child-server.ts'

/** A server of a few lines; prints its process id first. */
function start(script: string): Promise<ChildServer> {
  const source = `console.log('pid', process.pid)\n${script}`
  return ChildServer.start({
    command: process.execPath,
    args: ['-e', source],
    logFile: null,
    ready: (output) => output.includes('ready'),
  })
}

function isAlive(output: string): boolean {
  try {
    return process.kill(Number(/pid (\d+)/.exec(output)?.[1]), 0)
  } catch {
    return false
  }
}

test('a server that ends before it is ready is told with what it wrote', async () => {
  await expect(start(`console.error('no such setting'); process.exit(1)`)).rejects.toThrow('no such setting')
})

test('a program that cannot be started is told at once', async () => {
  const options = { command: '/nonexistent/server', args: [], logFile: null, ready: () => false }
  await expect(ChildServer.start(options)).rejects.toThrow('No such file')
})

test('a server is gone after its test, also when it is frozen or deaf to SIGTERM', async () => {
  const willing = await start(`setInterval(() => {}, 1e6); console.log('ready')`)
  const deaf = await start(
    `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); console.log('ready')`,
  )
  expect([willing, deaf].map(({ output }) => isAlive(output))).toEqual([true, true])
  willing.freeze()
  await Promise.all([willing, deaf].map((server) => server[Symbol.asyncDispose]()))
  expect([willing, deaf].map(({ output }) => isAlive(output))).toEqual([false, false])
})
