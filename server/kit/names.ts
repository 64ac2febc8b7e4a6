/** A name in snake_case that the language takes: letters, digits and `_`, a letter first. */
export function snake(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return /^[a-z]/.test(words) ? words : `x_${words}`.replace(/_+$/, '')
}

/** The word for one of what a plural names; other words as they are. */
export function singular(word: string): string {
  if (/ies$/.test(word)) return word.replace(/ies$/, 'y')
  if (/(ss|x|ch|sh)es$/.test(word)) return word.replace(/es$/, '')
  return /[^su]s$/.test(word) && !/is$/.test(word) ? word.slice(0, -1) : word
}

/** A member of a record as an expression names it. */
export const member = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) && !['and', 'or', 'in', 'true', 'false', 'null'].includes(name) ? name : `\`${name}\``
