const SEPARATOR = '~'

/** One id out of the parts of a composite one: percent-encoded, joined by `~`. */
export function joinId(parts: readonly unknown[]): string {
  return parts.map((part) => encodeURIComponent(String(part)).replaceAll(SEPARATOR, '%7E')).join(SEPARATOR)
}

/** The parts of a composite id by name, or undefined when the text is no such id. */
export function splitId(id: string, names: readonly string[]): Record<string, string> | undefined {
  const parts = id.split(SEPARATOR)
  if (parts.length !== names.length || parts.some((part) => part === '')) return undefined
  try {
    return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(parts[at] ?? '')]))
  } catch {
    return undefined
  }
}
