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

/** Names of secret fields. True where all of that name is secret, false where it is a text: an object may be called so too. */
export type SecretNames = ReadonlyMap<string, boolean>

/** Whether a field is one of these. Under the name of a text, an object or a list of objects is something else. */
export function isSecretField(names: SecretNames, name: string, value: unknown): boolean {
  const isAll = names.get(name)
  return isAll === true || (isAll === false && !holdsObjects(value))
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

const holdsObjects = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 && value.every(isPlain) : isPlain(value)
