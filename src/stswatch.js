#!/usr/bin/env node
// The one file of plain JavaScript: an old Node must be able to read it in order to say that it is too old.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(
    `stswatch needs Node 24.15 or newer, this is ${process.versions.node}. After "npm ci" the right one is in place: use "npm start" or "npx stswatch".\n`,
  )
  process.exitCode = 78
} else {
  await import('./main.ts')
}
