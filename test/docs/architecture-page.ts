import { ARROWS, LIBRARY_HOMES, PURE_ROOMS, ROOM_PURPOSES } from '../architecture.ts'

/** docs/architecture.md, from the table that the architecture test enforces. */
export function printArchitecturePage(): string {
  const rooms = Object.entries(ARROWS).map(
    ([room, allowed]) =>
      `| ${room} | ${ROOM_PURPOSES[room] ?? ''} | ${allowed.join(', ') || '–'} | ${PURE_ROOMS.includes(room) ? 'pure' : ''} |`,
  )
  const libraries = Object.entries(LIBRARY_HOMES).map(
    ([library, homes]) => `| ${library} | ${homes.map((home) => `src/${home}`).join(', ')} |`,
  )
  return `# Architecture

*Printed from test/architecture.ts by \`npm run docs\`.*

Folders of \`src\` are stages of one flow, named by their verb:

    watch.yaml → config → app → probe → check → incident → announce → store → notify → a person

A probe reports raw facts. A check judges. An incident remembers. An announcement decides what to say. A notifier says it.
"We could not find out" is a third answer next to good and bad, all the way. One transaction writes what was seen, what it meant and
what will be said; delivery reads the outbox afterwards. [flow.md](flow.md) follows one look from the schedule to the message.

## Who may import whom

| room | owns | may import | |
|---|---|---|---|
${rooms.join('\n')}

Pure rooms take no clock, file, network or randomness except as an argument. Time is read in src/lib/time.ts alone.

## Which library enters where

| library | file |
|---|---|
${libraries.join('\n')}
`
}
