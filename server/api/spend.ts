import { type BuiltWrite, EngineError, type ModelResource } from '../../engine/index.ts'
import { dayOf, type Spend, type SpendLimit, type Token } from '../stores/index.ts'
import type { CallContext } from './context.ts'

/** Money that a call moves, as far as its request tells: minor units, ISO 4217. */
export interface Money {
  readonly amount: number | null
  readonly currency: string | null
}

/** The money of a built request; where it names no currency, the one of the record that it is for. */
export async function moneyOf(built: BuiltWrite, recordCurrency: () => Promise<string | null>): Promise<Money> {
  const currency = built.currency ?? (await recordCurrency())
  return { currency, amount: currency === null ? null : built.amountIn(currency) }
}

/** The field of a record that holds the currency of the amount in a body, or null where the body has its own or none. */
export function currencyField({ bodies }: ModelResource, method: string): string | null {
  const properties = (bodies.get(method)?.properties ?? {}) as Readonly<Record<string, { 'x-money'?: string }>>
  const marks = Object.values(properties).map((property) => property['x-money'])
  return marks.find((mark) => mark?.startsWith('record.'))?.slice('record.'.length) ?? null
}

/** Throws spend_limit when the token may not move this, today's sum as it stands included; nothing is reserved. */
export async function checkSpend(context: CallContext, money: Money): Promise<void> {
  const { services, caller } = context
  const wanted = limitFor(caller.token, money)
  if (wanted === null) return
  const day = dayOf(services.clock.now())
  const spent = (await services.stores.tokenSpend.spent(caller.token.id, day)).get(wanted.limit.currency) ?? 0
  if (spent + wanted.amount > wanted.limit.perDay) throw overDay(wanted.limit, spent)
}

/** Reserves what a call is about to move; null where the token has no limits. Throws spend_limit. */
export async function reserveSpend(context: CallContext, money: Money): Promise<Spend | null> {
  const { services, caller } = context
  const wanted = limitFor(caller.token, money)
  if (wanted === null) return null
  const { limit, amount } = wanted
  const spend = { tokenId: caller.token.id, currency: limit.currency, day: dayOf(services.clock.now()), amount }
  if (await services.stores.tokenSpend.reserve(spend, limit.perDay)) return spend
  throw overDay(limit, (await services.stores.tokenSpend.spent(spend.tokenId, spend.day)).get(limit.currency) ?? 0)
}

interface Wanted {
  readonly limit: SpendLimit
  readonly amount: number
}

/** The limit that money falls under; null for a token without limits. Throws spend_limit. */
function limitFor(token: Token, { amount, currency }: Money): Wanted | null {
  if (token.kind !== 'agent' || token.limits === null) return null
  if (currency === null || amount === null) {
    throw refused('The token has limits, and the request does not say how much it moves', {
      hint: 'Name the amount; where the call has no place for one, it is not for a token with limits.',
    })
  }
  const limit = token.limits.find((one) => one.currency === currency)
  if (limit === undefined) {
    const valid = token.limits.map((one) => one.currency)
    throw refused(`The token has no limit for ${currency}, so it may move none`, { valid })
  }
  if (amount < 0) throw refused('The amount is negative', {})
  if (amount <= limit.perCall) return { limit, amount }
  throw refused(`The token may move ${limit.perCall} ${currency} in a call, in minor units; this is ${amount}`, {
    hint: 'Ask for less, or a person to do it.',
  })
}

function overDay({ currency, perDay }: SpendLimit, spent: number): EngineError {
  const message = `The token may move ${perDay} ${currency} a day, in minor units; ${spent} of it are spent or reserved`
  return refused(message, { hint: 'Days begin at midnight UTC.' })
}

const refused = (message: string, details: { readonly hint?: string; readonly valid?: readonly string[] }) =>
  new EngineError('spend_limit', message, { ...details, sent: false })
