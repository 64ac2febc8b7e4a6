/** A Map that nobody changes once it is made, its values frozen too: set, delete and clear throw. */
export class FrozenMap<K, V> extends Map<K, V> {
  constructor(entries: Iterable<readonly [K, V]>) {
    super()
    for (const [key, value] of entries) super.set(key, deepFreeze(value))
    Object.freeze(this)
  }

  override set(): never {
    throw new TypeError('A compiled definition is frozen')
  }

  override delete(): never {
    throw new TypeError('A compiled definition is frozen')
  }

  override clear(): never {
    throw new TypeError('A compiled definition is frozen')
  }
}

/** A Set that nobody changes once it is made: add, delete and clear throw. */
export class FrozenSet<T> extends Set<T> {
  constructor(values: Iterable<T>) {
    super()
    for (const value of values) super.add(deepFreeze(value))
    Object.freeze(this)
  }

  override add(): never {
    throw new TypeError('A compiled definition is frozen')
  }

  override delete(): never {
    throw new TypeError('A compiled definition is frozen')
  }

  override clear(): never {
    throw new TypeError('A compiled definition is frozen')
  }
}

/** Freezes plain objects and lists to their last part and gives them back. Maps and Sets are to be frozen ones already. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const each of Object.values(value)) deepFreeze(each)
  return Object.freeze(value)
}

/** A frozen copy of plain data, so that the catalog shares nothing with what it was made of. */
export const frozenCopy = <T>(value: T): T => deepFreeze(structuredClone(value))
