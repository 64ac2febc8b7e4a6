import type { NativeAddress, NativeMethod, NativePayer, Reference } from '../natives.ts'

// The same helpers by somebody who has measured them: days are remembered, what is constant stands in Maps.
const NO_DECIMALS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '))
const THREE_DECIMALS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '))
/** Currencies that the provider writes with other decimals than ISO 4217. */
const OTHERWISE: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 }

type Nothing = null | undefined

const DAY_S = 86_400
const MOST_DAYS = 10_000
const days = new Map<number, string>()
const TWO = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))

function dayOf(day: number): string {
  const known = days.get(day)
  if (known !== undefined) return known
  if (days.size >= MOST_DAYS) days.clear()
  const text = new Date(day * DAY_S * 1000).toISOString().slice(0, 11)
  days.set(day, text)
  return text
}

export function instant(seconds: number | Nothing): string | null {
  if (seconds === null || seconds === undefined) return null
  const day = Math.floor(seconds / DAY_S)
  const rest = Math.floor(seconds - day * DAY_S)
  const minutes = Math.floor(rest / 60)
  const hours = Math.floor(minutes / 60)
  return `${dayOf(day)}${TWO[hours]}:${TWO[minutes - hours * 60]}:${TWO[rest - minutes * 60]}Z`
}

const currencies = new Map<string, string>()

export function currencyOf(code: string | Nothing): string | null {
  if (code === null || code === undefined) return null
  const known = currencies.get(code)
  if (known !== undefined) return known
  if (!/^[a-z]{3}$/i.test(code)) throw new RangeError(`${code} is no currency`)
  currencies.set(code, code.toUpperCase())
  return code.toUpperCase()
}

function exponent(code: string): number {
  if (NO_DECIMALS.has(code)) return 0
  return THREE_DECIMALS.has(code) ? 3 : 2
}

const powers = new Map<string, number>()

/** Decimals by ISO 4217 less those of the provider. */
function powerOf(currency: string | Nothing): number {
  const known = powers.get(currency as string)
  if (known !== undefined) return known
  const code = currencyOf(currency)
  if (code === null) throw new RangeError('an amount without a currency')
  const power = exponent(code) - (OTHERWISE[code] ?? exponent(code))
  powers.set(currency as string, power)
  return power
}

/** An amount in the minor unit of ISO 4217. */
export function money(amount: number | Nothing, currency: string | Nothing): number | null {
  if (amount === null || amount === undefined) return null
  const power = powerOf(currency)
  const minor = power === 0 ? amount : amount * 10 ** power
  if (!Number.isSafeInteger(minor)) throw new RangeError(`${amount} is finer than the minor unit of ${currency}`)
  return minor
}

/** Decimal text without exponent and needless zeros. */
export function decimal(value: number | string | Nothing): string | null {
  if (value == null) return null
  const text = String(value)
  if (/^[1-9]\d*$/.test(text)) return text
  const [, sign, whole, fraction = ''] = /^(-?)0*(\d*?)(?:\.(\d*?)0*)?$/.exec(text) ?? [undefined, undefined]
  if (whole === undefined) throw new RangeError(`${text} is no decimal number`)
  const digits = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`
  return digits === '0' ? digits : `${sign}${digits}`
}

/** A price finer than the minor unit, as decimal text. */
export function moneyDecimal(value: number | string | Nothing, currency: string | Nothing): string | null {
  if (value === null || value === undefined) return null
  const power = powerOf(currency)
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
  if (native === null || native === undefined) return null
  const line1 = native.line1 ?? null
  const line2 = native.line2 ?? null
  const city = native.city ?? null
  const region = native.state ?? null
  const postal_code = native.postal_code ?? null
  const country = native.country ? native.country.toUpperCase() : null
  const isEmpty = line1 === null && line2 === null && city === null && region === null && postal_code === null
  return isEmpty && country === null ? null : { line1, line2, city, region, postal_code, country }
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

export function method(native: NativeMethod | null, id: string | null, types: ReadonlyMap<string, string>) {
  if (native === null) return id === null ? null : bareMethod(id)
  const raw_type = native.type ?? null
  const card = native.card ?? native.card_present ?? native.interac_present
  return {
    id,
    type: listed(raw_type, types),
    raw_type,
    brand: card?.brand ? card.brand.toLowerCase() : null,
    last4: card?.last4 || last4(native),
    exp_month: card?.exp_month ?? null,
    exp_year: card?.exp_year ?? null,
    wallet: card?.wallet?.type || null,
  }
}

const bareMethod = (id: string) => ({
  id,
  type: null,
  raw_type: null,
  brand: null,
  last4: null,
  exp_month: null,
  exp_year: null,
  wallet: null,
})

function last4(native: NativeMethod | null): string | null {
  if (native === null) return null
  const { card, card_present, interac_present, us_bank_account, sepa_debit, bacs_debit } = native
  const { au_becs_debit, acss_debit, nz_bank_account, bancontact, ideal, sofort } = native
  const ofCard = card?.last4 || card_present?.last4 || interac_present?.last4
  const ofAccount = us_bank_account?.last4 || sepa_debit?.last4 || bacs_debit?.last4 || au_becs_debit?.last4
  const ofOther = acss_debit?.last4 || nz_bank_account?.last4 || bancontact?.iban_last4
  return ofCard || ofAccount || ofOther || ideal?.iban_last4 || sofort?.iban_last4 || null
}

export const labels = (native: Readonly<Record<string, string>> | Nothing): Readonly<Record<string, string>> | null =>
  native ?? null

export const remoteUrl = (livemode: boolean, path: string, id: string): string =>
  `https://dashboard.stripe.com/${livemode ? '' : 'test/'}${path}/${id}`

/** A table, looked up by Map. */
export const tableOf = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(entries))

/** The value of a table; what it does not list is an error. */
export function listed(value: string | Nothing, table: ReadonlyMap<string, string>): string | null {
  if (value === null || value === undefined) return null
  const found = table.get(value)
  if (found === undefined) throw new RangeError(`${value} is not listed`)
  return found
}
