import { type Decimal, formatDecimal, parseDecimal } from '../../decimal.ts'
import { EngineError } from '../../errors.ts'
import { integerOf, isNothing, listOf, wordOf } from './arguments.ts'
import type { Entry } from './contract.ts'

const ROUNDINGS = ['half_even', 'half_up', 'down', 'floor', 'ceil'] as const
type Rounding = (typeof ROUNDINGS)[number]

const MOST_DECIMALS = 30

const power = (exponent: number): bigint => 10n ** BigInt(exponent)

function add(left: Decimal, right: Decimal, sign: 1n | -1n = 1n): Decimal {
  const scale = Math.max(left.scale, right.scale)
  const digits = left.digits * power(scale - left.scale) + sign * right.digits * power(scale - right.scale)
  return { digits, scale }
}

const multiply = (left: Decimal, right: Decimal): Decimal => ({
  digits: left.digits * right.digits,
  scale: left.scale + right.scale,
})

/** The quotient as a whole number; `below` is not zero. */
function quotient(above: bigint, below: bigint, rounding: Rounding): bigint {
  const [n, d] = below < 0n ? [-above, -below] : [above, below]
  const rest = ((n % d) + d) % d
  const floor = (n - rest) / d
  if (rest === 0n || rounding === 'floor') return floor
  if (rounding === 'ceil') return floor + 1n
  if (rounding === 'down') return n < 0n ? floor + 1n : floor
  if (rest * 2n !== d) return rest * 2n > d ? floor + 1n : floor
  const goesUp = rounding === 'half_even' ? floor % 2n !== 0n : n > 0n
  return goesUp ? floor + 1n : floor
}

function divide(left: Decimal, right: Decimal, decimals: number, rounding: Rounding): Decimal {
  if (right.digits === 0n) {
    const hint = 'Guard the divisor: `$decimalCompare(x, 0) = 0 ? null : $decimalDivide(y, x)`.'
    throw new EngineError('invalid_parameter', 'The divisor is zero', { hint })
  }
  const above = left.digits * power(right.scale + decimals)
  return { digits: quotient(above, right.digits * power(left.scale), rounding), scale: decimals }
}

const ONE: Decimal = { digits: 1n, scale: 0 }
const decimalsOf = (value: unknown, missing?: number): number =>
  integerOf(value, 'The number of decimals', 0, MOST_DECIMALS, missing)

/** An operation on two numbers; where one of them is null or missing, so is the result. */
const ofTwo =
  (operate: (left: Decimal, right: Decimal, third: unknown) => unknown): Entry['implementation'] =>
  ([left, right, third]) => {
    if (isNothing(left) || isNothing(right)) return isNothing(left) ? left : right
    return operate(parseDecimal(left), parseDecimal(right), third)
  }

function percentOf(amount: Decimal, percent: Decimal): number {
  const hundredth = divide(multiply(amount, percent), { digits: 100n, scale: 0 }, 0, 'half_even')
  const value = Number(hundredth.digits)
  if (Number.isSafeInteger(value)) return value
  throw new EngineError('invalid_parameter', 'The result is larger than 2^53 and cannot be kept exactly', {
    hint: 'Use $decimalMultiply and keep the result as text.',
  })
}

function sum(values: unknown): string {
  const given = listOf(values).filter((value) => !isNothing(value))
  return formatDecimal(given.map(parseDecimal).reduce((total, value) => add(total, value), { digits: 0n, scale: 0 }))
}

/** Exact arithmetic with decimal numbers, which JavaScript's numbers cannot hold: 0.1 + 0.2 is 0.3 here. */
export const DECIMALS: readonly Entry[] = [
  {
    name: 'decimalAdd',
    signature: '$decimalAdd(left: number | string, right: number | string): string',
    doc: 'The exact sum as decimal text. Null or missing on either side gives the same.',
    examples: [
      { expr: '$decimalAdd("0.1", 0.2)', result: '0.3' },
      { expr: '$decimalAdd(price, null)', record: { price: '1.50' }, result: null },
    ],
    implementation: ofTwo((left, right) => formatDecimal(add(left, right))),
  },
  {
    name: 'decimalSubtract',
    signature: '$decimalSubtract(left: number | string, right: number | string): string',
    doc: 'The exact difference as decimal text. Null or missing on either side gives the same.',
    examples: [{ expr: '$decimalSubtract(gross, fee)', record: { gross: '10.00', fee: '0.35' }, result: '9.65' }],
    implementation: ofTwo((left, right) => formatDecimal(add(left, right, -1n))),
  },
  {
    name: 'decimalSum',
    signature: '$decimalSum(values: (number | string)[]): string',
    doc: 'The exact sum of a list as decimal text; null items are skipped, an empty or missing list gives "0".',
    examples: [
      { expr: '$decimalSum(lines.amount)', record: { lines: [{ amount: '0.10' }, { amount: '0.20' }] }, result: '0.3' },
      { expr: '$decimalSum(lines.amount)', record: { lines: [] }, result: '0' },
    ],
    implementation: ([values]) => sum(values),
  },
  {
    name: 'decimalMultiply',
    signature: '$decimalMultiply(left: number | string, right: number | string): string',
    doc: 'The exact product as decimal text. Null or missing on either side gives the same.',
    examples: [{ expr: '$decimalMultiply(unit, quantity)', record: { unit: '0.0035', quantity: 3 }, result: '0.0105' }],
    implementation: ofTwo((left, right) => formatDecimal(multiply(left, right))),
  },
  {
    name: 'decimalDivide',
    signature: '$decimalDivide(left: number | string, right: number | string, decimals?: integer): string',
    doc: `The quotient as decimal text, rounded half to even at so many decimals, 10 where none are given. Division by zero is
an error. Null or missing on either side gives the same.`,
    examples: [
      { expr: '$decimalDivide(10, 4)', result: '2.5' },
      { expr: '$decimalDivide(total, 3, 2)', record: { total: '10.00' }, result: '3.33' },
    ],
    implementation: ofTwo((left, right, decimals) =>
      formatDecimal(divide(left, right, decimalsOf(decimals, 10), 'half_even')),
    ),
  },
  {
    name: 'decimalRound',
    signature:
      '$decimalRound(value: number | string, decimals?: integer, rounding?: "half_even" | "half_up" | "down" | "floor" | "ceil"): string',
    doc: `Decimal text with at most so many decimals, none where they are not given. A half goes to the even neighbour, or as the
rounding says: "half_up" and "down" look away from zero and towards it. Null gives null.`,
    examples: [
      { expr: '$decimalRound("2.5")', result: '2' },
      { expr: '$decimalRound("2.345", 2, "half_up")', result: '2.35' },
      { expr: '$decimalRound("-2.5", 0, "floor")', result: '-3' },
    ],
    implementation: ([value, decimals, rounding]) =>
      isNothing(value)
        ? value
        : formatDecimal(
            divide(
              parseDecimal(value),
              ONE,
              decimalsOf(decimals, 0),
              wordOf(rounding, 'The rounding', ROUNDINGS, 'half_even'),
            ),
          ),
  },
  {
    name: 'decimalCompare',
    signature: '$decimalCompare(left: number | string, right: number | string): integer',
    doc: 'How two numbers stand to each other, as texts or numbers: -1, 0 or 1. Null or missing on either side gives the same.',
    examples: [
      { expr: '$decimalCompare("10.0", "9.99")', result: 1 },
      { expr: '$decimalCompare(balance, 0) < 0', record: { balance: '-0.01' }, result: true },
    ],
    implementation: ofTwo((left, right) => {
      const { digits } = add(left, right, -1n)
      return digits === 0n ? 0 : digits < 0n ? -1 : 1
    }),
  },
  {
    name: 'percentOf',
    signature: '$percentOf(amount: integer | string, percent: number | string): integer',
    doc: `So many percent of an amount in minor units, rounded once to a whole unit, half to even. Null or missing on either side
gives the same.`,
    examples: [
      { expr: '$percentOf(1999, "7.5")', result: 150 },
      { expr: '$percentOf(total, tax.percent)', record: { total: 250, tax: { percent: 10 } }, result: 25 },
    ],
    implementation: ofTwo(percentOf),
  },
]
