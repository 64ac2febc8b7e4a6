import { isNothing, textOf } from './arguments.ts'
import type { LibraryFunction } from './contract.ts'

const words = (value: unknown): string[] =>
  isNothing(value)
    ? []
    : textOf(value)
        .split(/\s+/)
        .filter((word) => word !== '')

function splitName(full: unknown): { first_name: string; last_name: string | null } | undefined {
  const [first, ...rest] = words(full)
  return first === undefined ? undefined : { first_name: first, last_name: rest.length === 0 ? null : rest.join(' ') }
}

function joinName(parts: readonly unknown[]): string | undefined {
  const name = parts.flatMap(words).join(' ')
  return name === '' ? undefined : name
}

function last4(value: unknown): string | undefined {
  const characters = isNothing(value) ? '' : textOf(value).replace(/[^0-9A-Za-z]/g, '')
  return characters.length < 4 ? undefined : characters.slice(-4)
}

/** Functions for names and numbers of cards and accounts; JSONata has the rest ($lowercase, $trim, ...). */
export const TEXT: readonly LibraryFunction[] = [
  {
    name: 'splitName',
    signature: '$splitName(full: string): { first_name, last_name }',
    doc: 'A full name cut at its first blank; `last_name` is null for a single word. No value for a missing or blank name.',
    examples: [
      {
        expr: '$splitName(name)',
        record: { name: ' Ada  King Lovelace' },
        result: { first_name: 'Ada', last_name: 'King Lovelace' },
      },
      { expr: '$splitName(name).last_name', record: { name: 'Cher' }, result: null },
    ],
    arity: 1,
    implementation: ([full]) => splitName(full),
  },
  {
    name: 'joinName',
    signature: '$joinName(first: string, last: string): string',
    doc: 'The parts of a name with one blank between them; missing, null and blank ones are skipped. No value if all are.',
    examples: [
      { expr: '$joinName(first, last)', record: { first: 'Ada', last: 'Lovelace' }, result: 'Ada Lovelace' },
      { expr: '$joinName(first, last)', record: { first: null, last: 'Lovelace' }, result: 'Lovelace' },
    ],
    arity: 2,
    implementation: joinName,
  },
  {
    name: 'last4',
    signature: '$last4(number: string | number): string',
    doc: 'The last four letters or digits of a card or account number. No value where there are fewer.',
    examples: [
      { expr: '$last4("**** **** **** 4242")', result: '4242' },
      { expr: '$last4("12")', result: undefined },
    ],
    arity: 1,
    implementation: ([value]) => last4(value),
  },
]
