/** A map that keeps the `capacity` entries used last. */
export class Lru<K, V> {
  readonly #capacity: number
  readonly #entries = new Map<K, V>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#entries.size
  }

  /** The value of a key, made once and remembered until it falls out. */
  getOrMake(key: K, make: () => V): V {
    let value = this.#entries.get(key)
    if (value === undefined) value = make()
    else this.#entries.delete(key)
    this.#entries.set(key, value)
    const oldest = this.#entries.keys().next()
    if (this.#entries.size > this.#capacity && oldest.done !== true) this.#entries.delete(oldest.value)
    return value
  }
}
