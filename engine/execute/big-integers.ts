const DIGIT = /[0-9]/
const LONG_RUN = /[0-9]{16}/
const INTEGER = /^-?[1-9][0-9]*$/
const NUMBER_PART = /[-+.0-9eE]/

/** End of a JSON string that starts at `from`, its closing quote included. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfNumber(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && NUMBER_PART.test(text.charAt(at))) at += 1
  return at
}

const isUnsafe = (token: string): boolean => INTEGER.test(token) && !Number.isSafeInteger(Number(token))

/** Valid JSON text with each integer beyond 2^53 put in quotes. */
function quoted(text: string): string {
  let [result, copied, at] = ['', 0, 0]
  while (at < text.length) {
    const character = text.charAt(at)
    if (character === '"') at = endOfString(text, at)
    else if (character !== '-' && !DIGIT.test(character)) at += 1
    else {
      const end = endOfNumber(text, at)
      const token = text.slice(at, end)
      if (isUnsafe(token)) {
        result += `${text.slice(copied, at)}"${token}"`
        copied = end
      }
      at = end
    }
  }
  return result + text.slice(copied)
}

/** Parses JSON; integers beyond 2^53 become strings with every digit. Throws SyntaxError as JSON.parse does. */
export function parseJsonLossless(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return LONG_RUN.test(text) ? JSON.parse(quoted(text)) : value
}
