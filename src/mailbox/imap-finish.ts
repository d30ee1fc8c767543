import type { AfterReading } from '../model/after-reading.ts'
import { newFailure } from './imap-failure.ts'
import type { ImapLine } from './imap-line.ts'
import { uidSet } from './uid-set.ts'

/** The mark of a mail whose report is in the database. */
export const PROCESSED = '$BotProcessed'

const UIDS_AT_ONCE = 500
/** As often as this others may get in between. */
const MOVES_MAX = 5
const BY_UID = { uid: true }

/** Tells the operator what reading goes on in spite of. */
export type Notice = (sentence: string) => void

/**
 * Does to these mails what is configured. What is gone or done already is no failure. Throws MailboxError when the server
 * refuses, and what the line throws.
 */
export async function finishMails(
  line: ImapLine,
  uids: readonly number[],
  after: AfterReading,
  notice: Notice,
): Promise<void> {
  if (after.kind === 'leave') return
  if (after.kind === 'flag' && !mayFlag(line)) {
    notice(
      `${line.party.account}: ${line.party.folder} takes no keywords, so mails that were read stay unmarked`,
    )
    return
  }
  for (let at = 0; at < uids.length; at += UIDS_AT_ONCE) {
    const some = uids.slice(at, at + UIDS_AT_ONCE)
    if (after.kind === 'move') await moveAll(line, some, after.folder, notice)
    else await flag(line, some, PROCESSED)
  }
}

/** RFC 3501: `\*` allows new keywords; without PERMANENTFLAGS everything is allowed. */
function mayFlag({ client }: ImapLine): boolean {
  const { mailbox } = client
  // Nothing is selected any more when the line is gone, which the next command finds out.
  if (mailbox === false) return true
  if (mailbox.readOnly === true) return false
  const allowed = mailbox.permanentFlags
  return allowed === undefined || allowed.has('\\*') || allowed.has(PROCESSED)
}

async function flag(line: ImapLine, uids: readonly number[], name: string): Promise<void> {
  const options = { ...BY_UID, silent: true }
  const done = await line.command('STORE', () => line.client.messageFlagsAdd(uidSet(uids), [name], options))
  if (done !== true) throw refused(line, `it does not set ${name}`)
}

async function moveAll(
  line: ImapLine,
  uids: readonly number[],
  folder: string,
  notice: Notice,
): Promise<void> {
  const set = uidSet(uids)
  const { client } = line
  if (client.capabilities.has('MOVE')) return await moveEach(line, uids, folder)
  await intoFolder(line, folder, 'COPY', () => client.messageCopy(set, folder, BY_UID))
  if (client.capabilities.has('UIDPLUS') || !(await othersDeleted(line, uids))) {
    const gone = await line.command('EXPUNGE', () => client.messageDelete(set, BY_UID))
    if (gone !== true) throw refused(line, `it does not remove what was copied to ${folder}`)
    return
  }
  // EXPUNGE without UIDPLUS takes everybody's deleted mails, and those of others are not ours to remove.
  await flag(line, uids, '\\Deleted')
  notice(
    `${line.party.account}: the server has neither MOVE nor UIDPLUS, so mails that were copied to ${folder} stay in ${line.party.folder}, marked as deleted, as long as mails of others are marked so as well`,
  )
}

/** Dovecot says OK, and moves nothing, when somebody else moves one of them at the same moment: OK is not enough. */
async function moveEach(line: ImapLine, uids: readonly number[], folder: string): Promise<void> {
  let left = uids
  for (let moves = 0; left.length > 0; moves++) {
    if (moves === MOVES_MAX)
      throw refused(line, `it leaves mails where they are that it was to move to ${folder}`)
    const set = uidSet(left)
    const done = await intoFolder(line, folder, 'MOVE', () => line.client.messageMove(set, folder, BY_UID))
    left = await stillThere(line, left, done.uidMap)
  }
}

/** Of these mails, those that are in the folder after a move; the server's list of what it moved saves the question. */
async function stillThere(
  line: ImapLine,
  uids: readonly number[],
  moved: ReadonlyMap<number, number> | undefined,
): Promise<readonly number[]> {
  const unsaid = moved === undefined ? uids : uids.filter((uid) => !moved.has(uid))
  if (unsaid.length === 0) return []
  // What others removed is known after this, and not before.
  await line.command('NOOP', () => line.client.noop())
  const found = await line.command('SEARCH', () => line.client.search({ uid: uidSet(unsaid) }, BY_UID))
  if (!Array.isArray(found)) throw refused(line, 'it does not search for mails that were moved')
  const there = new Set<unknown>(found)
  return unsaid.filter((uid) => there.has(uid))
}

interface Copied {
  /** Where the server says so (RFC 4315 §3). */
  readonly uidMap?: ReadonlyMap<number, number>
}

/** imapflow hides why the server refuses, so a folder that may be missing is made and the command tried once more. */
async function intoFolder(
  line: ImapLine,
  folder: string,
  command: string,
  run: () => Promise<unknown>,
): Promise<Copied> {
  const first = await line.command(command, run)
  if (isDone(first)) return first
  await line.command('CREATE', () => line.client.mailboxCreate(folder).catch(() => {}))
  const second = await line.command(command, run)
  if (!isDone(second)) throw refused(line, `it does not move mails to ${folder}`)
  return second
}

function isDone(result: unknown): result is Copied {
  return typeof result === 'object' && result !== null
}

async function othersDeleted(line: ImapLine, ours: readonly number[]): Promise<boolean> {
  const found = await line.command('SEARCH', () => line.client.search({ deleted: true }, BY_UID))
  if (!Array.isArray(found)) throw refused(line, 'it does not search for deleted mails')
  const own = new Set(ours)
  return found.some((uid) => !own.has(uid))
}

function refused(line: ImapLine, detail: string) {
  return newFailure('server-says-no', detail, line.party)
}
