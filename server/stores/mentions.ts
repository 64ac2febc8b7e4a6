import { hash } from 'node:crypto'

/** What stands between words; an apostrophe does not, because addresses hold it. */
const BETWEEN = /[\s"<>()[\]{},;:=&?|\\/]+/
/** Longer ones are no id and no address. */
const LONGEST = 254

/** Whether a word tells who somebody is; words come folded. */
export type IsTerm = (word: string) => boolean

/** A word as it is compared: whatever its case. */
export const folded = (word: string): string => word.normalize('NFC').trim().toLowerCase()

/** How a word is remembered without it: salted, so that lists of addresses do not tell it. */
export const termHash = (salt: string, word: string): string => hash('sha256', `${salt}:${folded(word)}`, 'base64url')

/** Whether a value of JSON holds a term anywhere, as a whole text or as a word of one. */
export function mentions(value: unknown, isTerm: IsTerm): boolean {
  if (typeof value === 'string') return textMentions(value, isTerm)
  if (typeof value === 'number') return isTerm(String(value))
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((inner) => mentions(inner, isTerm))
}

/** Whether a text is a term or has one among its words, percent-encoded or not. */
function textMentions(text: string, isTerm: IsTerm): boolean {
  const plain = folded(text.includes('%') ? decoded(text) : text)
  if (plain.length <= LONGEST && isTerm(plain)) return true
  return plain
    .split(BETWEEN)
    .some((word) => word !== '' && word.length <= LONGEST && isTerm(word.replace(/[.'!]+$/, '')))
}

/** JSON, or a text that is none. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
