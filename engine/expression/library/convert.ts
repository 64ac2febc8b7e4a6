import { EngineError } from '../../errors.ts'
import { textOf, unlessNothing, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'

const MOST_DEPTH = 100

function jsonParse(value: unknown, otherwise: unknown): unknown {
  const text = textOf(value, 'JSON text')
  if (text.trim() === '') return otherwise
  try {
    const parsed: unknown = JSON.parse(text)
    if (depthOf(text) <= MOST_DEPTH) return parsed
  } catch {
    if (otherwise === undefined) throw wrongArgument('JSON text', value, NOT_JSON)
    return otherwise
  }
  throw new EngineError('invalid_parameter', `The JSON text is nested deeper than ${MOST_DEPTH} levels`, {
    hint: 'Such data cannot be mapped; leave it as text.',
  })
}

const NOT_JSON = 'The text is not valid JSON. Give a second argument for what counts then: `$jsonParse(x, {})`.'

/** The deepest nesting of a JSON text that is known to be valid. */
function depthOf(text: string): number {
  let [depth, deepest, isText] = [0, 0, false]
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '"') isText = !isText
    else if (isText) at += sign === '\\' ? 1 : 0
    else if (sign === '[' || sign === '{') deepest = Math.max(deepest, ++depth)
    else if (sign === ']' || sign === '}') depth--
  }
  return deepest
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/

function toNumber(value: unknown): number | undefined {
  const text = textOf(value, 'A number or its text').trim()
  if (text === '') return undefined
  const number = NUMBER.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(number)) {
    throw wrongArgument(
      'A number or its text',
      value,
      'Thousands separators, blanks inside and signs of currencies must go first.',
    )
  }
  if (!Number.isInteger(number) || Number.isSafeInteger(number)) return number
  throw new EngineError('invalid_parameter', 'The number is larger than 2^53 and cannot be kept exactly', {
    hint: 'Keep it as text, or use $decimal.',
  })
}

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'y', 't', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'n', 'f', 'off', '0'].map((word) => [word, false] as const),
])

function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const word = textOf(value, 'A boolean or its text').trim().toLowerCase()
  const known = WORDS.get(word)
  if (known === undefined && word !== '') {
    throw wrongArgument(
      'A boolean or its text',
      value,
      `Known are ${[...WORDS.keys()].join(', ')}; use $mapEnum for others.`,
    )
  }
  return known
}

/** Functions that read values which a provider sends as text. */
export const CONVERT: readonly Entry[] = [
  {
    name: 'jsonParse',
    signature: '$jsonParse(text: string, default?: any): any',
    doc: `What a JSON text holds. A text that is not JSON gives the default, and is an error where there is none; a blank one gives
the default, or no value. ($string writes JSON.) Null gives null.`,
    examples: [
      { expr: '$jsonParse(custom).order', record: { custom: '{"order":7}' }, result: 7 },
      { expr: '$jsonParse(custom, {})', record: { custom: 'order 7' }, result: {} },
    ],
    implementation: unlessNothing(jsonParse),
  },
  {
    name: 'toNumber',
    signature: '$toNumber(value: number | string): number',
    doc: `A number, or the number that a text is. No value for a blank text, where $number fails; anything else is an error. For
amounts use $money, which is exact. Null gives null.`,
    examples: [
      { expr: '$toNumber(quantity)', record: { quantity: ' 2 ' }, result: 2 },
      { expr: '$toNumber(quantity)', record: { quantity: '' }, result: undefined },
    ],
    implementation: unlessNothing(toNumber),
  },
  {
    name: 'toBoolean',
    signature: '$toBoolean(value: boolean | string | number): boolean',
    doc: `A boolean as providers write it: true, yes, y, t, on and 1, or false, no, n, f, off and 0, in any case. ($boolean("false")
is true.) No value for a blank text; anything else is an error. Null gives null.`,
    examples: [
      { expr: '$toBoolean(captured)', record: { captured: 'False' }, result: false },
      { expr: '$toBoolean(active)', record: { active: 1 }, result: true },
    ],
    implementation: unlessNothing(toBoolean),
  },
]
