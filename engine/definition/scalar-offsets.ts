const HEX_LENGTH: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 }
const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\n' || char === '\t' || char === '\r'

/**
 * Where in a file the characters of a YAML scalar stand: quotes, escapes, folding and the indentation of block scalars are
 * stepped over. `text` is the file, `start` where the scalar's own token starts.
 */
export function offsetInScalar(text: string, start: number, value: string, offset: number): number {
  const first = text[start]
  if (first === '"' || first === "'") return align(text, start + 1, value, offset, first)
  if (first === '|' || first === '>') return align(text, text.indexOf('\n', start) + 1, value, offset, '')
  return align(text, start, value, offset, '')
}

function align(text: string, from: number, value: string, offset: number, quote: string): number {
  let at = from
  for (let index = 0; index < Math.min(offset, value.length); index++) {
    at = positionOf(text, at, value[index] ?? '', quote)
    at += widthOf(text, at, value[index] ?? '', quote)
  }
  return offset >= value.length ? at : positionOf(text, at, value[offset] ?? '', quote)
}

/** Steps over line breaks and indentation that the value does not have. */
function positionOf(text: string, from: number, char: string, quote: string): number {
  let at = from
  if (isBlank(char)) return at
  while (isBlank(text[at]) || (quote === '"' && text[at] === '\\' && text[at + 1] === '\n')) {
    at += text[at] === '\\' ? 2 : 1
  }
  return at
}

/** How many characters of the file stand for one of the value. */
function widthOf(text: string, at: number, char: string, quote: string): number {
  if (quote === "'" && char === "'") return 2
  if (quote === '"' && text[at] === '\\') return HEX_LENGTH[text[at + 1] ?? ''] ?? 2
  return isBlank(char) && !isBlank(text[at]) ? 0 : 1
}
