/**
 * The parts that every mail of ours is built of. Tables, inline styles and attributes, because Outlook's Word knows
 * little else; nothing remote, and no link (S38).
 */
import { type Html, html, joined } from './html.ts'
import { FONT, LIGHT, MONO, outlookStyleSheet, styleSheet, TONE, type Tone } from './mail-look.ts'

export interface MailPage {
  readonly tone: Tone
  /** What lists of mails show beside the subject. */
  readonly preheader: string
  /** Each a row of the card, as `section` and its like give them. */
  readonly rows: readonly Html[]
  readonly footer: string
}

const WIDTH = 600
const TABLE = html`role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"`
const ANYWHERE = 'word-break:break-word;overflow-wrap:anywhere'

/** The whole document: a bar in the tone, a card, a footer. */
export function mailPage({ tone, preheader, rows, footer }: MailPage): string {
  // Style sheets and conditional comments are constants: nothing of the message goes in there.
  const head =
    raw(`<!--[if mso]><style>body,table,td,h1,p,div,span{font-family:Arial,sans-serif!important}.mono{font-family:Consolas,monospace!important}</style><![endif]-->
<style>${styleSheet(tone)}</style>
<style>${outlookStyleSheet(tone)}</style>`)
  const open = raw(
    `<!--[if mso]><table role="presentation" width="${WIDTH}" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`,
  )
  const close = raw('<!--[if mso]></td></tr></table><![endif]-->')
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<meta name="x-apple-disable-message-reformatting">
<title>stswatch</title>
${head}
</head>
<body class="page" style="margin:0;padding:0;background-color:${LIGHT.page}">
<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all">${preheader}</div>
<table ${TABLE} class="page" bgcolor="${LIGHT.page}" style="background-color:${LIGHT.page}"><tr><td class="edge" align="center" style="padding:24px 12px">
${open}
<table ${TABLE} class="card" bgcolor="${LIGHT.card}" style="max-width:${WIDTH}px;table-layout:fixed;background-color:${LIGHT.card};font-family:${FONT}">
<tr><td height="6" bgcolor="${TONE[tone]}" style="height:6px;line-height:6px;font-size:6px;background-color:${TONE[tone]}">&nbsp;</td></tr>
${joined(rows)}
<tr><td height="10" style="height:10px;line-height:10px;font-size:10px">&nbsp;</td></tr>
</table>
<table ${TABLE} style="max-width:${WIDTH}px;font-family:${FONT}"><tr><td class="pad dim" style="padding:16px 32px 24px 32px;font-size:12px;line-height:18px;color:${LIGHT.dim}">${footer}</td></tr></table>
${close}
</td></tr></table>
</body></html>
`.markup
}

/** A constant of ours as it stands. */
function raw(markup: string): Html {
  return { markup }
}

export interface MailTitle {
  readonly tone: Tone
  /** "Critical, since …" */
  readonly state: string
  /** In large: whose it is; null: the title itself is. */
  readonly name: string | null
  readonly title: string
  /** Quiet lines below: what is new since the last mail. */
  readonly notes: readonly string[]
}

/** The top of the card: the state in its tone, whose it is, what it is. */
export function titleRow({ tone, state, name, title, notes }: MailTitle): Html {
  const ink = `color:${LIGHT.ink};${ANYWHERE}`
  const below =
    name === null
      ? []
      : [html`<p class="ink" style="margin:6px 0 0 0;font-size:17px;line-height:25px;${ink}">${title}</p>`]
  const quiet = notes.map(
    (note) =>
      html`<p class="dim" style="margin:10px 0 0 0;font-size:14px;line-height:21px;color:${LIGHT.dim};${ANYWHERE}">${note}</p>`,
  )
  return html`<tr><td class="pad" style="padding:26px 32px 22px 32px">
<p class="tone" style="margin:0 0 10px 0;font-size:14px;line-height:20px;font-weight:bold;color:${TONE[tone]}">${state}</p>
<h1 class="name ink" style="margin:0;font-size:25px;line-height:32px;font-weight:bold;${ink}">${name ?? title}</h1>
${[...below, ...quiet]}
</td></tr>`
}

/** A quiet label, or none, and what stands under it, parted from the row above by a line. */
export function section(label: string | null, content: readonly Html[]): Html {
  const head =
    label === null
      ? []
      : [
          html`<p class="dim" style="margin:0 0 6px 0;font-size:13px;line-height:18px;font-weight:bold;color:${LIGHT.dim}">${label}</p>`,
        ]
  return html`<tr><td class="pad" style="padding:0 32px"><table ${TABLE} style="table-layout:fixed"><tr><td class="line" style="padding:18px 0 8px 0;border-top:1px solid ${LIGHT.line}">
${[...head, ...content]}
</td></tr></table></td></tr>`
}

export function paragraph(text: string): Html {
  return html`<p class="ink" style="margin:0 0 12px 0;font-size:15px;line-height:23px;color:${LIGHT.ink};${ANYWHERE}">${text}</p>`
}

/** Lines that are to be copied as they are. */
export function codeBlock(lines: readonly string[]): Html {
  return block(lines.map((line) => html`${line}`))
}

/** Lines that begin with `-` or `+`. */
export function diffBlock(lines: readonly string[]): Html {
  return block(
    lines.map((line) => {
      const kind = line.startsWith('-') ? 'removed' : 'added'
      return html`<span class="${kind}" style="color:${LIGHT[kind]}">${line}</span>`
    }),
  )
}

// Not <pre>: Word would not break its lines, and a record is long.
function block(lines: readonly Html[]): Html {
  const broken = lines.map((line, index) => (index === 0 ? line : html`<br>${line}`))
  return html`<table ${TABLE} style="margin:0 0 14px 0;table-layout:fixed"><tr><td class="code line ink mono" bgcolor="${LIGHT.code}" style="padding:11px 14px;border:1px solid ${LIGHT.line};background-color:${LIGHT.code};font-family:${MONO};font-size:13px;line-height:20px;color:${LIGHT.ink};white-space:pre-wrap;${ANYWHERE}">${{ markup: broken.map(({ markup }) => markup).join('') }}</td></tr></table>`
}

/** One thing a line, with a dot in its tone before it. */
export function dottedList(lines: readonly { readonly tone: Tone; readonly text: string }[]): Html {
  const size = 'font-size:15px;line-height:22px'
  const rows = lines.map(
    ({ tone, text }) =>
      html`<tr><td class="${tone}" width="20" valign="top" style="width:20px;padding:0 0 8px 0;${size};color:${TONE[tone]}">&#9679;</td><td class="ink" valign="top" style="padding:0 0 8px 0;${size};color:${LIGHT.ink};${ANYWHERE}">${text}</td></tr>`,
  )
  return html`<table ${TABLE} style="table-layout:fixed">
${rows}
</table>`
}

/** One thing a line, small: for what is past. */
export function quietList(lines: readonly string[]): Html {
  return joined(
    lines.map(
      (line) =>
        html`<p class="dim" style="margin:0 0 6px 0;font-size:14px;line-height:21px;color:${LIGHT.dim};${ANYWHERE}">${line}</p>`,
    ),
  )
}

export interface MailRow {
  /** Null: no dot. */
  readonly tone: Tone | null
  readonly left: string
  readonly right: string
  readonly below: string
}

/** One thing a row: what it is, the figure beside it, and a quiet line below. */
export function rowList(rows: readonly MailRow[]): Html {
  const lines = rows.map(({ tone, left, right, below }) => {
    const dot =
      tone === null ? [] : [html`<span class="${tone}" style="color:${TONE[tone]}">&#9679;</span>&nbsp; `]
    return html`<tr><td style="padding:0 0 10px 0"><table ${TABLE}><tr><td class="ink" valign="top" style="padding:0;font-size:15px;line-height:22px;color:${LIGHT.ink};${ANYWHERE}">${dot}${left}</td><td class="dim" align="right" valign="top" style="padding:0 0 0 14px;font-size:14px;line-height:22px;white-space:nowrap;color:${LIGHT.dim}">${right}</td></tr></table><p class="dim" style="margin:0;font-size:13px;line-height:19px;color:${LIGHT.dim};${ANYWHERE}">${below}</p></td></tr>`
  })
  return html`<table ${TABLE} style="margin:0 0 6px 0;table-layout:fixed">
${lines}
</table>`
}

/** Names and values side by side, small: what is looked up rather than read. */
export function factsRow(facts: readonly { readonly name: string; readonly value: string }[]): Html {
  const rows = facts.map(
    ({ name, value }) =>
      html`<tr><td class="dim" width="90" valign="top" style="width:90px;padding:3px 0;font-size:13px;line-height:20px;color:${LIGHT.dim}">${name}</td><td class="ink mono" valign="top" style="padding:3px 0;font-family:${MONO};font-size:13px;line-height:20px;color:${LIGHT.ink};${ANYWHERE}">${value}</td></tr>`,
  )
  return html`<tr><td class="pad" style="padding:6px 32px 0 32px"><table ${TABLE} style="table-layout:fixed"><tr><td class="line" style="padding:14px 0 6px 0;border-top:1px solid ${LIGHT.line}"><table ${TABLE} style="table-layout:fixed">
${rows}
</table></td></tr></table></td></tr>`
}

/** A picture of the same mail, which may be shown smaller; `alt` says all that it shows. */
export function picture(contentId: string, alt: string, width: number): Html {
  return html`<img class="chart" src="cid:${contentId}" alt="${alt}" width="${width}" style="display:block;margin:4px 0 14px 0;border-radius:6px;width:100%;max-width:${width}px;height:auto;border:0;font-size:13px;line-height:19px;color:${LIGHT.dim}">`
}
