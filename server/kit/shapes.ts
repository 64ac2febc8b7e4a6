/** What a value that is cut out is, as far as its stand-in has to look like it. */
export type Kind = 'email' | 'phone' | 'name' | 'ip' | 'url' | 'country' | 'date' | 'text' | 'code'

const EMAIL = /[^\s@<>"',;:()]+@[^\s@<>"',;:()]+\.[A-Za-z]{2,}/
const DATE = /^\d{4}-\d\d-\d\d$/
const IP = /^(\d{1,3}\.){3}\d{1,3}$|^[0-9a-f]*:[0-9a-f:]+$/i

/** Whether a text holds an e-mail address. */
export const holdsEmail = (text: string): boolean => EMAIL.test(text)

/** What a value is, from how it is written and from what is known of its field. */
export function kindOf(text: string, field: string): Kind {
  if (new RegExp(`^${EMAIL.source}$`).test(text)) return 'email'
  if (/^https?:\/\//i.test(text)) return 'url'
  if (/^[A-Za-z]{2}$/.test(text)) return 'country'
  if (DATE.test(text)) return 'date'
  if (IP.test(text)) return 'ip'
  if (/phone|mobile|fax/i.test(field) && /\d/.test(text)) return 'phone'
  if (/name|holder|contact/i.test(field)) return 'name'
  return /\s/.test(text) || !/\d/.test(text) ? 'text' : 'code'
}

/** A stand-in of a kind, the `n`th; a code keeps its prefix, length and the places of its letters and digits. */
export function standIn(kind: Kind, text: string, n: number): string {
  switch (kind) {
    case 'email':
      return `person${n}@example.test`
    case 'phone':
      return shaped(text.replace(/\D*$/, ''), n, '5')
    case 'name':
      return `Person ${n}`
    case 'ip':
      return `192.0.2.${n % 256}`
    case 'url':
      return `https://example.test/${n}`
    case 'country':
      return text === text.toLowerCase() ? 'us' : 'US'
    case 'date':
      return `1990-01-${String((n % 28) + 1).padStart(2, '0')}`
    case 'text':
      return `Text ${n}`
    case 'code':
      return coded(text, n)
  }
}

/** Ids keep what stands before the last underscore: `cus_Nf3k` is `cus_0001`. */
function coded(text: string, n: number): string {
  const cut = /^[A-Za-z][A-Za-z0-9]*(?:_[a-z]+)*_/.exec(text)?.[0].length ?? 0
  return text.slice(0, cut) + shaped(text.slice(cut), n, '0')
}

/** Letters and digits give way to zeros, at whose end the number stands; signs between them stay. */
function shaped(text: string, n: number, filler: string): string {
  const places = text.replace(/[^\p{L}\p{N}]/gu, '').length
  const fill = String(n).padStart(places, filler)
  let at = Math.max(0, fill.length - places)
  const lead = fill.slice(0, at)
  return lead + text.replace(/[\p{L}\p{N}]/gu, () => fill[at++] ?? filler)
}

/** Whether a text is an id or a token rather than a word: it mixes letters and digits, or cases. */
export function isIdentifier(text: string): boolean {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)) return true
  const prefixed = /^[A-Za-z][A-Za-z0-9]*(?:_[a-z]+)*_([A-Za-z0-9_-]{3,})$/.exec(text)?.[1]
  if (prefixed !== undefined) return /\d/.test(prefixed) || /[A-Z]/.test(prefixed)
  return text.length >= 16 && /^[A-Za-z0-9_+/=-]+$/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text)
}

/** Whether a text is a word of a protocol: an enum value, a code, a version, an instant. */
export const isPlainWord = (text: string): boolean =>
  /^[a-z][a-z0-9]*([_.:/-][a-z0-9]+)*$/.test(text) ||
  /^[A-Z]{2,3}$/.test(text) ||
  /^[A-Z][A-Z_]*$/.test(text) ||
  /^-?\d+(\.\d+)?$/.test(text) ||
  /^\d{4}-\d\d(-\d\d([T ][\d:.]+(Z|[+-]\d\d:?\d\d)?)?)?(\.[a-z]+)?$/.test(text)
