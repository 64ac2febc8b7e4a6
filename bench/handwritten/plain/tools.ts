import type { NativeAddress, NativeMethod, NativePayer, Reference } from '../natives.ts'

// What somebody who writes mappers by hand would have in a file of helpers: right, short, and without caches.
const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ')
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ')
/** Currencies that the provider writes with other decimals than ISO 4217. */
const OTHERWISE: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 }

type Nothing = null | undefined

export const instant = (seconds: number | Nothing): string | null =>
  seconds == null ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`

export function currencyOf(code: string | Nothing): string | null {
  if (code == null) return null
  if (!/^[a-z]{3}$/i.test(code)) throw new RangeError(`${code} is no currency`)
  return code.toUpperCase()
}

function exponent(code: string): number {
  if (NO_DECIMALS.includes(code)) return 0
  return THREE_DECIMALS.includes(code) ? 3 : 2
}

/** An amount in the minor unit of ISO 4217. */
export function money(amount: number | Nothing, currency: string | Nothing): number | null {
  if (amount == null) return null
  const code = currencyOf(currency)
  if (code === null || !Number.isSafeInteger(amount)) throw new RangeError('an amount is a whole number of a currency')
  const power = exponent(code) - (OTHERWISE[code] ?? exponent(code))
  const minor = power === 0 ? amount : amount * 10 ** power
  if (!Number.isSafeInteger(minor)) throw new RangeError(`${amount} is finer than the minor unit of ${code}`)
  return minor
}

/** Decimal text without exponent and needless zeros. */
export function decimal(value: number | string | Nothing): string | null {
  if (value == null) return null
  const text = String(value)
  const [, sign, whole, fraction = ''] = /^(-?)0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text) ?? [undefined, undefined]
  if (whole === undefined) throw new RangeError(`${text} is no decimal number`)
  const digits = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
  return digits === '0' ? digits : `${sign}${digits}`
}

/** A price finer than the minor unit, as decimal text. */
export function moneyDecimal(value: number | string | Nothing, currency: string | Nothing): string | null {
  if (value == null) return null
  const code = currencyOf(currency)
  if (code === null) throw new RangeError('an amount without a currency')
  const power = exponent(code) - (OTHERWISE[code] ?? exponent(code))
  return decimal(power === 0 ? value : String(Number(value) * 10 ** power))
}

/** The text that is no fraction, as a number. */
export const wholeUnit = (text: string | null): number | null =>
  text === null || text.includes('.') ? null : Number(text)

export function idOf(reference: Reference): string | null {
  if (reference == null) return null
  return (typeof reference === 'string' ? reference : reference.id) || null
}

export const objectOf = <T extends object>(reference: Reference<T>): T | null =>
  reference != null && typeof reference === 'object' ? reference : null

export function address(native: NativeAddress | Nothing) {
  if (native == null) return null
  const { line1, line2, city, state, postal_code, country } = native
  const made = {
    line1: line1 ?? null,
    line2: line2 ?? null,
    city: city ?? null,
    region: state ?? null,
    postal_code: postal_code ?? null,
    country: country ? country.toUpperCase() : null,
  }
  return Object.values(made).every((value) => value === null) ? null : made
}

export function payer(reference: Reference<NativePayer>) {
  const native = objectOf(reference)
  const made = {
    id: idOf(reference),
    name: native?.name || native?.individual_name || native?.business_name || null,
    email: native?.email ?? null,
  }
  return made.id === null && made.name === null && made.email === null ? null : made
}

export function method(native: NativeMethod | null, id: string | null, types: Readonly<Record<string, string>>) {
  const type = native?.type ?? null
  if (type !== null && !Object.hasOwn(types, type)) throw new RangeError(`${type} is no known payment method`)
  const made = {
    id,
    type: type === null ? null : (types[type] ?? null),
    raw_type: type,
    brand:
      (native?.card?.brand || native?.card_present?.brand || native?.interac_present?.brand)?.toLowerCase() || null,
    last4: last4(native),
    exp_month: native?.card?.exp_month ?? native?.card_present?.exp_month ?? native?.interac_present?.exp_month ?? null,
    exp_year: native?.card?.exp_year ?? native?.card_present?.exp_year ?? native?.interac_present?.exp_year ?? null,
    wallet: native?.card?.wallet?.type || native?.card_present?.wallet?.type || null,
  }
  return Object.values(made).every((value) => value === null) ? null : made
}

function last4(native: NativeMethod | null): string | null {
  if (native === null) return null
  const { card, card_present, interac_present, us_bank_account, sepa_debit, bacs_debit } = native
  const { au_becs_debit, acss_debit, nz_bank_account, bancontact, ideal, sofort } = native
  const ofCard = card?.last4 || card_present?.last4 || interac_present?.last4
  const ofAccount = us_bank_account?.last4 || sepa_debit?.last4 || bacs_debit?.last4 || au_becs_debit?.last4
  const ofOther = acss_debit?.last4 || nz_bank_account?.last4 || bancontact?.iban_last4
  return ofCard || ofAccount || ofOther || ideal?.iban_last4 || sofort?.iban_last4 || null
}

export const labels = (native: Readonly<Record<string, string>> | Nothing): Record<string, string> | null =>
  native == null ? null : { ...native }

export const remoteUrl = (livemode: boolean, path: string, id: string): string =>
  `https://dashboard.stripe.com/${livemode ? '' : 'test/'}${path}/${id}`

/** The value of a table; what it does not list is an error. */
export function listed(value: string | Nothing, table: Readonly<Record<string, string>>): string | null {
  if (value == null) return null
  if (!Object.hasOwn(table, value)) throw new RangeError(`${value} is not listed`)
  return table[value] ?? null
}
