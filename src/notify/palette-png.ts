import { crc32, deflateSync } from 'node:zlib'

/** An opaque picture: four bytes a pixel, row by row, of which the last is not looked at. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgba: Uint8Array
}

const COLOURS_MAX = 256

/**
 * A PNG with a palette (PNG 3rd edition §11.2.1): a chart has few colours, so it is a third of what full colour takes. Where
 * smoothed edges make more than 256 of them, the nearest are made one.
 */
export function palettePng({ width, height, rgba }: Pixels): Uint8Array {
  for (let bits = 8; ; bits -= 1) {
    const painted = paint(rgba, bits)
    if (painted !== null) return file(width, height, painted)
  }
}

interface Painted {
  /** Of each pixel, its place in the palette. */
  readonly indices: Uint8Array
  readonly palette: readonly number[]
}

/** With so many bits a channel; null: too many colours. One bit has eight. */
function paint(rgba: Uint8Array, bits: number): Painted | null {
  const mask = (0xff << (8 - bits)) & 0xff
  const places = new Map<number, number>()
  const palette: number[] = []
  const indices = new Uint8Array(rgba.length / 4)
  for (let pixel = 0; pixel < indices.length; pixel += 1) {
    const colour = colourAt(rgba, pixel * 4)
    const cut = colour & ((mask << 16) | (mask << 8) | mask)
    let place = places.get(cut)
    if (place === undefined) {
      if (palette.length === COLOURS_MAX) return null
      place = palette.length
      places.set(cut, place)
      // The first of those that are made one: grounds come before the edges upon them.
      palette.push(colour)
    }
    indices[pixel] = place
  }
  return { indices, palette }
}

function colourAt(rgba: Uint8Array, at: number): number {
  return ((rgba[at] ?? 0) << 16) | ((rgba[at + 1] ?? 0) << 8) | (rgba[at + 2] ?? 0)
}

function file(width: number, height: number, { indices, palette }: Painted): Uint8Array {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  // Eight bits, indexed colour, deflate, no filters but the row's own, not interlaced.
  head.set([8, 3, 0, 0, 0], 8)
  const colours = Buffer.from(
    palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff]),
  )
  const rows = Buffer.alloc((width + 1) * height)
  for (let row = 0; row < height; row += 1) {
    rows.set(indices.subarray(row * width, (row + 1) * width), row * (width + 1) + 1)
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
