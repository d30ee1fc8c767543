/**
 * `node test/looks/render.ts DIRECTORY [KIND…]`: a picture of every kind of mail and of summary as Chromium shows it, at the
 * width of a phone and of a desk, light and dark. For people to look at; nothing is compared.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { mailBody } from '../../src/notify/email-body.ts'
import { tellStory } from '../../src/notify/story.ts'
import { summaryPage } from '../../src/notify/summary-mail.ts'
import { MAIL_KINDS, REAL_WORDING } from '../unit/notify/mail-kinds.ts'
import { SUMMARY_KINDS } from '../unit/notify/summary-kinds.ts'

const PHONE = 390
const DESK = 760
const GAP = 16
const SHEET_WIDTH = 2 * (PHONE + DESK) + 5 * GAP
/** Enough to read, and a third of the bytes. */
const SCALE = 0.6

const HEIGHT_MARK = 'data-height='

const [directory, ...kinds] = process.argv.slice(2)
if (directory === undefined) throw new Error('node test/looks/render.ts DIRECTORY [KIND…]')
const pages = [
  ...MAIL_KINDS.map(({ name, message }) => ({
    name: `mail-${name}`,
    html: mailBody(tellStory(message, REAL_WORDING)).html,
  })),
  ...SUMMARY_KINDS.map(({ name, summary }) => ({ name: `summary-${name}`, html: summaryPage(summary) })),
]
const place = mkdtempSync(join(tmpdir(), 'looks-'))
mkdirSync(directory, { recursive: true })
for (const { name, html } of pages.filter((page) => kinds.length === 0 || kinds.includes(page.name))) {
  const sheet = join(place, `${name}.html`)
  writeFileSync(sheet, sheetOf(html))
  const height = Number(chromium(['--dump-dom'], sheet, 1_000).split(HEIGHT_MARK)[1]?.match(/\d+/)?.[0])
  chromium([`--screenshot=${resolve(directory, `${name}.png`)}`], sheet, height)
}
rmSync(place, { recursive: true })

/** Frames, because a window of Chromium's is never narrower than 500 pixels; each prefers the scheme of its element. */
function sheetOf(html: string): string {
  const source = html.replace(/&/g, '&amp;').replace(/"/g, '&quot;')
  const frames = [PHONE, DESK].flatMap((width) =>
    ['light', 'dark'].map(
      (scheme) =>
        `<iframe srcdoc="${source}" style="color-scheme:${scheme};border:0;vertical-align:top;margin:${GAP}px 0 ${GAP}px ${GAP}px;width:${width}px"></iframe>`,
    ),
  )
  return `<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;background:#8a8f98;white-space:nowrap;font-size:0">${frames.join('')}<script>
onload = () => {
  for (const frame of document.querySelectorAll('iframe')) {
    frame.style.height = frame.contentDocument.documentElement.scrollHeight + 'px'
  }
  document.body.setAttribute('data-height', document.documentElement.scrollHeight)
}
</script>`
}

function chromium(what: readonly string[], page: string, height: number): string {
  return execFileSync(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--force-device-scale-factor=${SCALE}`,
      `--window-size=${SHEET_WIDTH},${height}`,
      ...what,
      `file://${page}`,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
  )
}
