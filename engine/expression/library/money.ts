import { formatDecimal, parseDecimal } from '../../decimal.ts'
import {
  CURRENCIES,
  currencyCode,
  exponentOf,
  fromMinor,
  knownCode,
  type MoneyForm,
  minorPower,
  toMinor,
  toMinorDecimal,
} from '../../money.ts'
import type { Hidden } from '../glue.ts'
import { isLight, isNothing } from './arguments.ts'
import type { Entry } from './contract.ts'

const formOf = (hidden: Hidden): MoneyForm | undefined => hidden.moneyForm as MoneyForm | undefined
const MOST_CODE = 3

/** Decimal text as $decimal writes it. */
const CANONICAL = /^(?:0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9])$/
const LONGEST = 40

/** Decimal text of what is so already; undefined for everything else. */
function asDecimal(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text.length <= LONGEST && CANONICAL.test(text) ? text : undefined
}

/** The short way of a function of an amount and a currency. */
const ofAmount =
  (inMinorUnits: (amount: unknown) => unknown): NonNullable<Entry['quick']> =>
  (ask) =>
  (amount, currency, hidden) => {
    if (isNothing(amount) && isLight(currency)) return amount
    const isShort = typeof currency === 'string' && currency.length === MOST_CODE
    const quick = isShort && minorPower(currency, formOf(hidden)) === 0 ? inMinorUnits(amount) : undefined
    return quick === undefined ? ask(amount, currency) : quick
  }

const decimal = { money_form: { form: 'decimal' } }
const special = { money_form: { form: 'minor', exponents: { ISK: 2, MGA: 0 } } }

/** Functions for amounts and currencies. */
export const MONEY: readonly Entry[] = [
  {
    name: 'money',
    signature: '$money(amount: number | string, currency: string): integer',
    doc: `The provider's amount as an integer in the minor unit of ISO 4217. How the provider writes amounts (minor units,
decimals or micros, and currencies whose decimals differ there) comes from its \`money\` declaration; minor units without one.
Exact: an amount finer than the minor unit, an unknown currency or a missing one is an error. Null gives null.`,
    examples: [
      { expr: '$money(amount, currency)', record: { amount: 1999, currency: 'usd' }, result: 1999 },
      { expr: '$money(amount, "EUR")', record: { amount: 19.99 }, variables: decimal, result: 1999 },
      { expr: '$money("0.005", "KWD")', variables: decimal, result: 5 },
      { expr: '$money(50000, "ISK")', variables: special, result: 500 },
      { expr: '$money(amount, currency)', record: { amount: null, currency: 'EUR' }, result: null },
    ],
    quick: ofAmount((amount) => (Number.isSafeInteger(amount) ? (amount as number) + 0 : undefined)),
    implementation: ([amount, currency], hidden) =>
      isNothing(amount) ? amount : toMinor(amount, currency, formOf(hidden)),
  },
  {
    name: 'moneyDecimal',
    signature: '$moneyDecimal(amount: number | string, currency: string): string',
    doc: `As $money, for amounts that may be finer than the minor unit, such as unit prices: exact decimal text in minor units
of ISO 4217. Null gives null.`,
    examples: [
      { expr: '$moneyDecimal("0.35", "USD")', result: '0.35' },
      { expr: '$moneyDecimal("0.0035", "USD")', variables: decimal, result: '0.35' },
      { expr: '$moneyDecimal("50050", "ISK")', variables: special, result: '500.5' },
      { expr: '$moneyDecimal(price, "EUR")', record: { price: null }, result: null },
    ],
    quick: ofAmount(asDecimal),
    implementation: ([amount, currency], hidden) =>
      isNothing(amount) ? amount : toMinorDecimal(amount, currency, formOf(hidden)),
  },
  {
    name: 'moneyOut',
    signature: '$moneyOut(minor: integer, currency: string): integer | string',
    doc: `The inverse of $money: an integer amount in minor units as the provider wants it, a text with all decimals of the
currency where it writes decimals. An amount that the provider's unit cannot hold is an error. Null gives null.`,
    examples: [
      { expr: '$moneyOut(1999, "USD")', result: 1999 },
      { expr: '$moneyOut(amount, "EUR")', record: { amount: 1990 }, variables: decimal, result: '19.90' },
      { expr: '$moneyOut(500, "JPY")', variables: decimal, result: '500' },
      { expr: '$moneyOut(500, "ISK")', variables: special, result: 50000 },
    ],
    implementation: ([minor, currency], hidden) =>
      isNothing(minor) ? minor : fromMinor(minor, currency, formOf(hidden)),
  },
  {
    name: 'decimal',
    signature: '$decimal(value: number | string): string',
    doc: 'A number as exact decimal text: no exponent, no trailing zeros, no negative zero. Null gives null.',
    examples: [
      { expr: '$decimal("0012.500")', result: '12.5' },
      { expr: '$decimal(0.0000001)', result: '0.0000001' },
      { expr: '$decimal(rate)', record: { rate: '-0.00' }, result: '0' },
    ],
    quick: (ask) => (value) => (isNothing(value) ? value : (asDecimal(value) ?? ask(value))),
    implementation: ([value]) => (isNothing(value) ? value : formatDecimal(parseDecimal(value))),
  },
  {
    name: 'currency',
    signature: '$currency(code: string): string',
    doc: 'A currency code in upper case, as ISO 4217 writes it. An unknown code is an error. Null gives null.',
    examples: [
      { expr: '$currency(currency)', record: { currency: 'eur' }, result: 'EUR' },
      { expr: '$currency(currency)', record: {}, result: undefined },
    ],
    quick: (ask) => (code) =>
      typeof code === 'string' ? (knownCode(code) ?? ask(code)) : isNothing(code) ? code : ask(code),
    implementation: ([code]) => (isNothing(code) ? code : currencyCode(code)),
  },
  {
    name: 'currencyExponent',
    signature: '$currencyExponent(code: string): integer',
    doc: 'How many decimals a currency has by ISO 4217. An unknown code is an error. Null gives null.',
    examples: [
      { expr: '$currencyExponent("KWD")', result: 3 },
      { expr: '$currencyExponent(currency)', record: { currency: 'jpy' }, result: 0 },
    ],
    implementation: ([code]) => (isNothing(code) ? code : exponentOf(code)),
  },
  {
    name: 'isCurrency',
    signature: '$isCurrency(code: any): boolean',
    doc: 'Whether a value is a currency code of ISO 4217, in any case: false for anything else, null and missing too.',
    examples: [
      { expr: '$isCurrency(unit)', record: { unit: 'eur' }, result: true },
      { expr: '$isCurrency(unit)', record: { unit: 'points' }, result: false },
    ],
    implementation: ([code]) => typeof code === 'string' && CURRENCIES.has(code.toUpperCase()),
  },
]
