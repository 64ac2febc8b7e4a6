import type { JsonRecord } from '../../engine/index.ts'

/** One place where something was left out. */
export interface Cut {
  /** Dotted path; empty for the whole. */
  readonly at: string
  /** What is there and what is not, in words. */
  readonly kept: string
}

/** Bytes of a value as JSON. */
export const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '')

/** How many of the first items come to at most so many bytes as a JSON array. */
export function countFitting(items: readonly unknown[], bytes: number): number {
  let left = bytes - 2
  for (const [index, item] of items.entries()) {
    left -= sizeOf(item) + 1
    if (left < 0) return index
  }
  return items.length
}

const MARK = '…'

/**
 * A value in at most about so many bytes: long texts and lists lose their end, small fields of an object stay whole before
 * large ones do. Everything left out is told in `cuts`.
 */
export function fitValue(value: unknown, bytes: number, cuts: Cut[], at = ''): unknown {
  if (sizeOf(value) <= bytes) return value
  if (typeof value === 'string') return fitText(value, bytes, cuts, at)
  if (Array.isArray(value)) return fitList(value, bytes, cuts, at)
  if (typeof value === 'object' && value !== null) return fitObject(value as JsonRecord, bytes, cuts, at)
  return value
}

function fitText(text: string, bytes: number, cuts: Cut[], at: string): string {
  // A character takes at most 6 bytes as JSON: an escape.
  const length = Math.max(0, Math.min(text.length, Math.floor((bytes - 8) / (sizeOf(text) / text.length))))
  cuts.push({ at, kept: `${length} of ${text.length} characters` })
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '') + MARK
}

function fitList(list: readonly unknown[], bytes: number, cuts: Cut[], at: string): unknown[] {
  const count = countFitting(list, bytes)
  const [first] = list
  if (count === 0 && bytes > 64) {
    cuts.push({ at, kept: `1 of ${list.length} items` })
    return [fitValue(first, bytes - 2, cuts, `${at}.0`)]
  }
  cuts.push({ at, kept: `${count} of ${list.length} items` })
  return list.slice(0, count)
}

function fitObject(object: JsonRecord, bytes: number, cuts: Cut[], at: string): JsonRecord {
  const kept = new Map<string, unknown>()
  const entries = Object.entries(object).map(([name, value]) => ({ name, value, size: sizeOf(value) }))
  let [left, waiting] = [bytes - 2, entries.length]
  for (const { name, value } of entries.sort((one, other) => one.size - other.size)) {
    const head = sizeOf(name) + 2
    const share = Math.floor(left / waiting) - head
    waiting -= 1
    const path = at === '' ? name : `${at}.${name}`
    if (share < 8) {
      cuts.push({ at: path, kept: 'nothing' })
      continue
    }
    const fitted = fitValue(value, share, cuts, path)
    left -= head + sizeOf(fitted)
    kept.set(name, fitted)
  }
  return Object.fromEntries(Object.keys(object).flatMap((name) => (kept.has(name) ? [[name, kept.get(name)]] : [])))
}
