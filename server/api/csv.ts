import type { JsonSchema } from '../../engine/index.ts'

/** What a spreadsheet would take for a formula, and what one looks like that was made safe: so it can be undone. */
const FORMULA = /^'*[=+\-@\t\r\n]/
const QUOTED = /[",\r\n]/

/** Dotted paths of a record's fields: objects with known fields are opened, what else they hold stays JSON in one column. */
export function columnsOf(schema: JsonSchema, prefix = ''): string[] {
  const { properties } = schema as { properties?: Readonly<Record<string, JsonSchema>> }
  return Object.entries(properties ?? {}).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`
    const isOpen = inner.additionalProperties === false && inner.properties !== undefined
    return isOpen ? columnsOf(inner, `${path}.`) : [path]
  })
}

/**
 * A line of CSV (RFC 4180, ended by CRLF). Null and missing are an empty cell, an empty text is `""`; numbers are written
 * as they are, lists and objects as JSON. Text that starts a formula gets an apostrophe in front.
 */
export const csvLine = (values: readonly unknown[]): string => `${values.map(cell).join(',')}\r\n`

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = FORMULA.test(text) ? `'${text}` : text
  return safe === '' || QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
