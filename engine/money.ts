import { type Decimal, formatDecimal, parseDecimal, toInteger } from './decimal.ts'
import { EngineError } from './errors.ts'

/** How a provider writes amounts. `exponents` names the currencies whose number of decimals there differs from ISO 4217. */
export interface MoneyForm {
  /** minor: integers in the provider's smallest unit. decimal: major units ("19.99"). micros: millionths of a major unit. */
  readonly form: 'minor' | 'decimal' | 'micros'
  readonly exponents?: Readonly<Record<string, number>> | undefined
}

/** Decimals -> the codes of ISO 4217 list one that have them. Units without a minor unit (XAU, XDR, ...) are left out. */
const ACTIVE: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

/** Withdrawn codes that old records still carry, with the decimals they had. */
const WITHDRAWN: Readonly<Record<number, string>> = {
  0: 'BYR',
  2: 'ANG AZM BGN CUC CYP EEK GHC HRK LTL LVL MRO MTL MZM ROL SDD SIT SKK SLL STD TMM TRL VEB VEF ZMK ZWL',
}

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  [ACTIVE, WITHDRAWN].flatMap((table) =>
    Object.entries(table).flatMap(([exponent, codes]) =>
      codes.split(/\s+/).map((code) => [code, Number(exponent)] as const),
    ),
  ),
)

/** Codes by themselves, in upper and lower case. */
const CODES: ReadonlyMap<string, string> = new Map(
  [...EXPONENTS.keys()].flatMap((code) => [code, code.toLowerCase()].map((written) => [written, code] as const)),
)

/** All currencies known here with their number of decimals, by code. Source: ISO 4217. */
export const CURRENCIES: ReadonlyMap<string, number> = new Map([...EXPONENTS].sort(([a], [b]) => (a < b ? -1 : 1)))

/** The code in upper case. Throws EngineError invalid_parameter when it is not a currency of ISO 4217. */
export function currencyCode(currency: unknown): string {
  const known = typeof currency === 'string' ? CODES.get(currency) : undefined
  if (known !== undefined) return known
  const code = typeof currency === 'string' ? currency.toUpperCase() : ''
  if (EXPONENTS.has(code)) return code
  const shown = /^[A-Z]{1,5}$/.test(code) ? `\`${code}\`` : 'This text'
  const what = code === '' ? 'The currency is missing or not a text' : `${shown} is not a known currency`
  throw new EngineError('invalid_parameter', what, { hint: 'Give a currency code of ISO 4217, such as EUR.' })
}

/** Decimals of a currency by ISO 4217 (EUR 2, JPY 0, KWD 3). Throws EngineError invalid_parameter for an unknown one. */
export function exponentOf(currency: unknown): number {
  return EXPONENTS.get(currencyCode(currency)) as number
}

const MINOR: MoneyForm = { form: 'minor' }

/** Powers of ten between the units of providers and minor units, by currency as it is written. */
const powers = new WeakMap<MoneyForm, Map<string, number>>()
const recent = { form: MINOR, powers: new Map<string, number>() }

/**
 * The power of ten by which a provider's amount is multiplied to be in the minor unit by ISO 4217; remembered. Undefined for
 * what is no currency.
 */
export function minorPower(currency: string, form: MoneyForm = MINOR): number | undefined {
  if (recent.form !== form) {
    recent.form = form
    recent.powers = powers.get(form) ?? new Map()
    powers.set(form, recent.powers)
  }
  const known = recent.powers.get(currency)
  return known ?? remembered(currency, form)
}

function remembered(currency: string, form: MoneyForm): number | undefined {
  const code = CODES.get(currency)
  if (code === undefined) return undefined
  const power = (EXPONENTS.get(code) as number) - providerPower(code, form)
  recent.powers.set(currency, power)
  return power
}

/** The code in upper case for one that is written in one case; undefined for everything else. */
export const knownCode = (currency: string): string | undefined => CODES.get(currency)

/**
 * A provider's amount (number or decimal string) as an integer in the currency's minor unit by ISO 4217. Exact: an amount
 * finer than the minor unit, or beyond 2^53, is an EngineError invalid_parameter, never rounded.
 */
export function toMinor(amount: unknown, currency: unknown, form: MoneyForm = MINOR): number {
  const code = currencyCode(currency)
  const power = (EXPONENTS.get(code) as number) - providerPower(code, form)
  if (power === 0 && Number.isSafeInteger(amount)) return (amount as number) + 0
  return safe(exact(parseDecimal(amount), power, `The amount is finer than the minor unit of ${code}`))
}

/**
 * A provider's amount as decimal text in the currency's minor unit by ISO 4217, with all its digits: for unit prices finer
 * than that. Throws EngineError invalid_parameter for an unknown currency.
 */
export function toMinorDecimal(amount: unknown, currency: unknown, form: MoneyForm = MINOR): string {
  const code = currencyCode(currency)
  const { digits, scale } = parseDecimal(amount)
  const shift = scale + providerPower(code, form) - exponentOf(code)
  return formatDecimal(shift < 0 ? { digits: digits * 10n ** BigInt(-shift), scale: 0 } : { digits, scale: shift })
}

/**
 * An integer amount in minor units (ISO 4217) as the provider writes it: an integer for minor and micros, a string with all
 * decimals of the currency for decimal. Throws EngineError invalid_parameter where the provider's unit is too coarse.
 */
export function fromMinor(minor: unknown, currency: unknown, form: MoneyForm = MINOR): number | string {
  const code = currencyCode(currency)
  const decimal = parseDecimal(minor)
  const units = exact(decimal, 0, 'The amount is no integer of minor units')
  const value = { digits: BigInt(safe(units)), scale: exponentOf(code) }
  const tooFine = `The provider's unit is too coarse for this amount of ${code}`
  if (form.form !== 'decimal') return safe(exact(value, providerPower(code, form), tooFine))
  const decimals = form.exponents?.[code] ?? exponentOf(code)
  const digits = exact(value, decimals, tooFine)
  const text = (digits < 0n ? -digits : digits).toString().padStart(decimals + 1, '0')
  const point = text.length - decimals
  return `${digits < 0n ? '-' : ''}${text.slice(0, point)}${decimals === 0 ? '' : `.${text.slice(point)}`}`
}

/** The power of ten between a major unit and the unit in which the provider writes amounts. */
function providerPower(code: string, form: MoneyForm): number {
  if (form.form === 'decimal') return 0
  return form.form === 'micros' ? 6 : (form.exponents?.[code] ?? exponentOf(code))
}

function exact(decimal: Decimal, power: number, otherwise: string): bigint {
  const integer = toInteger(decimal, power)
  if (integer !== undefined) return integer
  throw new EngineError('invalid_parameter', otherwise, {
    hint: 'Amounts are never rounded: check form and exponents.',
  })
}

function safe(integer: bigint): number {
  const value = Number(integer)
  if (Number.isSafeInteger(value)) return value
  throw new EngineError('invalid_parameter', 'The amount is larger than 2^53 units and cannot be kept exactly')
}
