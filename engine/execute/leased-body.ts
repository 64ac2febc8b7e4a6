/** A body that tells once when it is over: read to its end, failed, or left. */
export class LeasedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #inner: AsyncIterator<Uint8Array>
  readonly #over: () => void
  #isOver = false

  constructor(body: AsyncIterable<Uint8Array>, over: () => void) {
    this.#inner = body[Symbol.asyncIterator]()
    this.#over = over
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#over()
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const chunk = await this.#inner.next()
      if (chunk.done === true) this.#end()
      return chunk
    } catch (error) {
      this.#end()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#end()
    await this.#inner.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
