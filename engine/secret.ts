import { inspect } from 'node:util'

const MASK = '[secret]'

/** A value that cannot print itself: toString, JSON and inspect show `[secret]`. `reveal()` is the only way out. */
export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The value itself. Call it only where it goes onto the wire or into the vault. */
  reveal(): T {
    return this.#value
  }

  /** Another value made of this one, as secret as it. */
  map<U>(make: (value: T) => U): Secret<U> {
    return new Secret(make(this.#value))
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }

  [inspect.custom](): string {
    return MASK
  }
}
