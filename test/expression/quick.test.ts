import { describe, expect, it } from 'vitest'
import { EngineError } from '../../engine/errors.ts'
import { FUNCTIONS } from '../../engine/expression/library/index.ts'

const LONG = 'x'.repeat(1_048_577)
const VALUES: readonly unknown[] = [
  undefined,
  null,
  '',
  'a',
  'usd',
  'USD',
  'jpy',
  'xxx',
  'toString',
  'EURO',
  '0',
  '-0',
  '12',
  '012',
  '1.50',
  '-0.5',
  '.5',
  '1e3',
  '9'.repeat(60),
  0,
  -0,
  1,
  -1.5,
  1e21,
  1_704_067_200,
  -62_167_219_201,
  2 ** 53,
  true,
  false,
  {},
  { id: 'x' },
  { id: '' },
  { id: 7 },
  Object.create(null),
  [],
  ['a'],
  LONG,
  Array.from({ length: 100_001 }, () => 1),
]
const FORMS = [undefined, { form: 'decimal' }, { form: 'minor', exponents: { JPY: 2 } }, { form: 'micros' }]

function outcomeOf(call: () => unknown): unknown {
  try {
    return { value: call() }
  } catch (error) {
    if (error instanceof EngineError) return { message: error.message }
    throw error
  }
}

const short = [...FUNCTIONS.values()].filter(({ quick }) => quick !== undefined)

describe('the short way of a function says what its full one says', () => {
  it('is had by the functions that mappings are made of', () => {
    const names = short.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['money', 'currency', 'fromUnix', 'firstNonEmpty', 'idOf', 'decimal']))
  })

  it.each(short)('$name', ({ quick, implementation, arity, name }) => {
    const seconds = arity === 1 && name !== 'firstNonEmpty' ? [undefined] : VALUES
    for (const moneyForm of FORMS) {
      const hidden = { moneyForm }
      const call = quick?.((...args) => implementation(args.slice(0, Math.max(1, arity)), hidden))
      for (const first of VALUES) {
        for (const second of seconds) {
          const args = seconds.length === 1 ? [first] : [first, second]
          const found = outcomeOf(() => call?.(first, second, hidden))
          expect(found).toStrictEqual(outcomeOf(() => implementation(args, hidden)))
        }
      }
    }
  })
})
