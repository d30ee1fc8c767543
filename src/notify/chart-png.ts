import { createRequire } from 'node:module'
import type { Resvg as Renderer } from '@resvg/resvg-js'
import { palettePng } from './palette-png.ts'

/** For screens with two points a pixel. */
const ZOOM = 2

const load = createRequire(import.meta.url)
let renderer: typeof Renderer | null | 'untried' = 'untried'

/**
 * An SVG of ours as PNG, twice as large, with a font that goes along with the program; null where the machine has no
 * renderer (it is made of native code). It is loaded when the first picture is drawn. Throws for a text that is no SVG.
 */
export function chartPng(svg: string): Uint8Array | null {
  if (renderer === 'untried') renderer = tryLoad()
  if (renderer === null) return null
  const picture = new renderer(svg, {
    font: {
      fontFiles: [load.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')],
      loadSystemFonts: false,
      defaultFontFamily: 'DejaVu Sans',
    },
    fitTo: { mode: 'zoom', value: ZOOM },
  })
  const { width, height, pixels } = picture.render()
  return palettePng({ width, height, rgba: pixels })
}

function tryLoad(): typeof Renderer | null {
  try {
    return (load('@resvg/resvg-js') as { readonly Resvg: typeof Renderer }).Resvg
  } catch {
    return null
  }
}
