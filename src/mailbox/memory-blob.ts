type Piece = ArrayBuffer | Uint8Array | string

/**
 * A stand-in for Blob that has its bytes at hand. Our MIME library puts every decoded part into a Blob and asks it for
 * the bytes at once; Node fetches them from another thread, which costs as much as all the rest of a small mail. For the
 * reading thread alone, where nothing else uses Blob.
 */
export class MemoryBlob {
  readonly #pieces: readonly Piece[]

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const pieces = this.#pieces.map((piece) => {
      if (piece instanceof Uint8Array) return piece
      return typeof piece === 'string' ? Buffer.from(piece) : new Uint8Array(piece)
    })
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
    const bytes = new Uint8Array(new ArrayBuffer(length))
    let at = 0
    for (const piece of pieces) {
      bytes.set(piece, at)
      at += piece.length
    }
    return bytes.buffer
  }
}
