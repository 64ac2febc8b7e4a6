import { EngineError } from './errors.ts'

/** An exact decimal number: `digits` * 10^-`scale`. */
export interface Decimal {
  readonly digits: bigint
  readonly scale: number
}

const GRAMMAR = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/
/** Longest scale or power of ten that is worked with; anything beyond is not an amount. */
const MAX_SCALE = 1000
/** Longest text that is read. */
const MAX_TEXT = 2000

/**
 * Reads a decimal from a string ("19.99", "-5", "1e-7") or a finite number, exactly: a number means the shortest decimal
 * that JSON prints for it. Throws EngineError invalid_parameter for anything else, thousands separators and blanks included.
 */
export function parseDecimal(value: unknown): Decimal {
  const text = typeof value === 'number' ? String(value) : value
  const match = typeof text === 'string' && text.length <= MAX_TEXT ? GRAMMAR.exec(text) : null
  if (match === null || `${match[2]}${match[3] ?? ''}` === '') throw notDecimal(value)
  const fraction = match[3] ?? ''
  const scale = fraction.length - Number(match[4] ?? 0)
  if (Math.abs(scale) > MAX_SCALE) throw notDecimal(value)
  const digits = BigInt(`${match[2]}${fraction}`) * (match[1] === '-' ? -1n : 1n)
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale }
}

/** The canonical text of a decimal: no exponent, no plus, no trailing zeros, never "-0". */
export function formatDecimal({ digits, scale }: Decimal): string {
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  const whole = text.slice(0, text.length - scale)
  const fraction = text.slice(text.length - scale).replace(/0+$/, '')
  return `${digits < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/** The decimal moved by a power of ten, if that gives an integer; undefined when digits would be lost. */
export function toInteger({ digits, scale }: Decimal, power: number): bigint | undefined {
  const shift = power - scale
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  return digits % divisor === 0n ? digits / divisor : undefined
}

function notDecimal(value: unknown): EngineError {
  const what = typeof value === 'string' ? 'this text' : value === null ? 'null' : `a ${typeof value}`
  return new EngineError('invalid_parameter', `A decimal number was expected, not ${what}`, {
    hint: 'Give a finite number, or digits with at most one point: "1234.50".',
  })
}
