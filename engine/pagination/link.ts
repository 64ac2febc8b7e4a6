/** One link of a Link header (RFC 8288): target, relations in lower case, other parameters. */
export interface Link {
  readonly target: string
  readonly rel: readonly string[]
  readonly parameters: Readonly<Record<string, string>>
}

const BLANK = /[ \t\r\n]/
const TOKEN_END = /[ \t\r\n;,="]/

/** Reads one header value from left to right. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  skip(pattern: RegExp): void {
    while (!this.isAtEnd && pattern.test(this.#text.charAt(this.#at))) this.#at += 1
  }

  take(character: string): boolean {
    this.skip(BLANK)
    if (this.#text.charAt(this.#at) !== character) return false
    this.#at += 1
    return true
  }

  /** Text up to a character, which is passed over; undefined when it never comes. */
  until(character: string): string | undefined {
    const end = this.#text.indexOf(character, this.#at)
    if (end < 0) return undefined
    const found = this.#text.slice(this.#at, end)
    this.#at = end + 1
    return found
  }

  token(): string {
    this.skip(BLANK)
    const from = this.#at
    while (!this.isAtEnd && !TOKEN_END.test(this.#text.charAt(this.#at))) this.#at += 1
    return this.#text.slice(from, this.#at)
  }

  /** Rest of a quoted string after its first quote, unescaped. */
  quoted(): string {
    let value = ''
    while (!this.isAtEnd) {
      const character = this.#text.charAt(this.#at++)
      if (character === '"') break
      value += character === '\\' ? this.#text.charAt(this.#at++) : character
    }
    return value
  }

  /** Passes over what cannot be read, up to the next link. */
  nextLink(): void {
    while (!this.isAtEnd && !this.take(',')) {
      if (this.take('"')) this.quoted()
      else this.#at += 1
    }
  }
}

/** The links of a Link header; several headers are joined by commas. What does not follow the grammar is passed over. */
export function parseLinks(header: string): Link[] {
  const reader = new Reader(header)
  const links: Link[] = []
  while (!reader.isAtEnd) {
    reader.skip(/[ \t\r\n,]/)
    const target = reader.take('<') ? reader.until('>') : undefined
    if (target !== undefined) links.push(readParameters(reader, target.trim()))
    reader.nextLink()
  }
  return links
}

function readParameters(reader: Reader, target: string): Link {
  const parameters: Record<string, string> = {}
  while (reader.take(';')) {
    const name = reader.token().toLowerCase()
    const value = reader.take('=') ? readValue(reader) : ''
    // RFC 8288: of repeated parameters the first counts.
    if (name !== '' && !Object.hasOwn(parameters, name)) parameters[name] = value
  }
  const rel = (parameters.rel ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return { target, rel, parameters }
}

const readValue = (reader: Reader): string => (reader.take('"') ? reader.quoted() : reader.token())

/** Target of the first link with a relation whose context is the page itself; undefined when there is none. */
export function findLink(header: string | undefined, rel: string): string | undefined {
  if (header === undefined) return undefined
  return parseLinks(header).find((link) => link.rel.includes(rel) && link.parameters.anchor === undefined)?.target
}
