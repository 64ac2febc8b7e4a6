import type { LeafSource } from '../definition/catalog.ts'

type Quote = NonNullable<LeafSource['search']>['quote']

const STYLES: Readonly<Record<Quote, (text: string) => string>> = {
  backslash_double: (text) => `"${text.replace(/[\\"]/g, '\\$&')}"`,
  backslash_single: (text) => `'${text.replace(/[\\']/g, '\\$&')}'`,
  double_double: (text) => `"${text.replaceAll('"', '""')}"`,
  double_single: (text) => `'${text.replaceAll("'", "''")}'`,
  none: (text) => text,
}

/** A value as it stands in a search clause: text in quotes and escaped, numbers and booleans as they are. */
export const quote = (value: unknown, style: Quote): string =>
  typeof value === 'string' ? STYLES[style](value) : String(value)
