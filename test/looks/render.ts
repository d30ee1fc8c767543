/**
 * `node test/looks/render.ts DIRECTORY`: every kind of mail as Chromium shows it, at the width of a phone and of a desk,
 * light, dark, and dark in a client that inverts colours by itself. For people to look at; nothing is compared.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { mailBody } from '../../src/notify/email-body.ts'
import { tellStory } from '../../src/notify/story.ts'
import { MAIL_KINDS, REAL_WORDING } from '../unit/notify/mail-kinds.ts'

const WIDTHS = { phone: 390, desk: 1100 }
/** Chromium cuts at the window: tall enough for the longest mail. */
const HEIGHT = 1_500

/** Blink's `preferredColorScheme`: 0 is dark, 1 is light. */
const MODES = {
  light: { preference: 1, css: '' },
  dark: { preference: 0, css: '' },
  // A client that knows no media query and turns all colours round.
  inverted: {
    preference: 1,
    css: '<style>html{filter:invert(1) hue-rotate(180deg);background:#fff}</style>',
  },
} as const

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('node test/looks/render.ts DIRECTORY [KIND…]')
const wanted = new Set(process.argv.slice(3))
mkdirSync(directory, { recursive: true })
for (const { name, message } of MAIL_KINDS.filter((kind) => wanted.size === 0 || wanted.has(kind.name))) {
  const { html } = mailBody(tellStory(message, REAL_WORDING))
  for (const [mode, { preference, css }] of Object.entries(MODES)) {
    for (const [place, width] of Object.entries(WIDTHS)) {
      const page = resolve(directory, `${name}-${place}-${mode}.html`)
      // A frame, because a window of Chromium's is never narrower than 500 pixels.
      const mail = resolve(directory, `${name}-${mode}-mail.html`)
      writeFileSync(mail, html.replace('</head>', `${css}</head>`))
      writeFileSync(
        page,
        `<!DOCTYPE html><meta name="color-scheme" content="light dark"><body style="margin:0"><iframe src="${mail}" style="border:0;width:${width}px;height:${HEIGHT}px"></iframe>`,
      )
      shoot(page, join(directory, `${name}-${place}-${mode}.png`), width, preference)
      rmSync(page)
      rmSync(mail)
    }
  }
}

function shoot(page: string, picture: string, width: number, preference: number): void {
  execFileSync(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--blink-settings=preferredColorScheme=${preference}`,
      `--window-size=${width},${HEIGHT}`,
      `--screenshot=${resolve(picture)}`,
      `file://${page}`,
    ],
    { stdio: 'ignore', timeout: 60_000 },
  )
}
