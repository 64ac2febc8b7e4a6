import { createHash } from 'node:crypto'

/** A source of values that are the same for the same seed. */
export interface Dice {
  /** A number in [0, 1). */
  next(): number
  /** A whole number of from, from + step, ... up to `to`. */
  whole(from: number, to: number, step?: number): number
  /** Random characters. Default letters and digits. */
  text(length: number, alphabet?: string): string
  /** One of the items; the list must not be empty. */
  of<T>(items: readonly T[]): T
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Dice with a seed of any text (sfc32, seeded with its SHA-256). */
export function createDice(seed: string): Dice {
  const next = sfc32(createHash('sha256').update(seed).digest())
  const whole = (from: number, to: number, step = 1): number =>
    from + step * Math.floor(next() * (Math.floor((to - from) / step) + 1))
  return {
    next,
    whole,
    text: (length, alphabet = LETTERS_AND_DIGITS) =>
      Array.from({ length }, () => alphabet[whole(0, alphabet.length - 1)]).join(''),
    of: (items) => items[whole(0, items.length - 1)] as (typeof items)[number],
  }
}

function sfc32(hash: Buffer): () => number {
  let [a, b, c, d] = [hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8), hash.readInt32LE(12)]
  return () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
}
