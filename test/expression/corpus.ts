import { TEMPLATES } from './templates.ts'

/** The record over which the corpus is evaluated: values of every kind, each under a name of its own. */
export const RECORD = {
  none: null,
  number: 3,
  text: 'abc',
  yes: true,
  blank: '',
  object: { a: 1, b: 'x' },
  one: [7],
  word: ['x'],
  single: [{ a: 1, b: 'q' }],
  many: [3, 1, 2],
  words: ['b', 'a', 'c'],
  objects: [
    { a: 2, b: 'y', c: [1, 2] },
    { a: 1, b: 'x' },
    { b: 'z', c: [3] },
  ],
  mixed: [1, 'a', null, { a: 5 }, [6]],
  nested: [
    [1, 2],
    [3, [4]],
  ],
  deep: { a: { b: [{ c: 1 }, { c: [2, 3] }] } },
  empty: [],
}

/** The kinds of operands, each with expressions that give one. */
export const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  missing: ['missing', 'object.missing'],
  null: ['none'],
  scalar: ['number', 'text', 'yes', 'object'],
  one: ['one', 'word', 'single', 'objects.a[0]'],
  many: ['many', 'objects', 'mixed', '(many.($ + 1))'],
  nested: ['nested', 'deep', 'empty', '[[1]]'],
}

/** Operators with two operands. */
export const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&',
  'and',
  'or',
  'in',
  '..',
] as const

const joined = (left: string, operator: string, right: string): string =>
  operator === '..' ? `[${left}..${right}]` : `${left} ${operator} ${right}`

/** A cell of the table: a node of the grammar with a kind of operand. */
export interface CorpusCell {
  readonly node: string
  readonly kind: string
  readonly sources: readonly string[]
}

/** The whole table, row by row. */
export function corpus(): CorpusCell[] {
  const kinds = Object.entries(OPERANDS)
  const unary = Object.entries(TEMPLATES).flatMap(([node, templates]) =>
    kinds.map(([kind, operands]) => ({
      node,
      kind,
      sources: operands.flatMap((operand) => templates.map((template) => template.replaceAll('X', operand))),
    })),
  )
  const binary = OPERATORS.flatMap((operator) =>
    kinds.flatMap(([kind, operands]) =>
      kinds.map(([other, others]) => ({
        node: operator,
        kind: `${kind} and ${other}`,
        sources: operands
          .slice(0, 3)
          .flatMap((left) => others.slice(0, 2).map((right) => joined(left, operator, right))),
      })),
    ),
  )
  return [...unary, ...binary]
}
