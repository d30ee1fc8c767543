#!/usr/bin/env node
// The one file of plain JavaScript: an old Node must be able to read it in order to say that it is too old.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `stswatch needs Node 24.15 or newer, this is ${process.versions.node}. After "npm ci" the right one is in place: use "npm start" or "npx stswatch".\n`,
  )
  process.exitCode = 78
} else {
  // Here, so that even the entry comes out of the cache: else Node starts up its TypeScript compiler for that one file.
  const { enableCompileCache } = await import('node:module')
  enableCompileCache()
  await import('./main.ts')
}
