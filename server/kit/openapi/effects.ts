import type { ApiEndpoint } from '../../../engine/index.ts'

/** What an operation does to the world, and what tells. Amount and currency are expressions, of money only. */
export interface EffectGuess {
  readonly effect: 'read' | 'write' | 'money' | 'credential'
  readonly because: string
  readonly amount?: string | undefined
  readonly currency?: string | undefined
}

const READS = /(^|_)(list|search|preview|find|count|query)(_|$)/
const MOVES =
  /(^|_)(payments?|payment_intents?|charges?|refunds?|payouts?|transfers?|top_?ups?|captures?|withdrawals?|disbursements?|reversals?|orders?|subscriptions?|subscription_items?|credit_notes?|bank_accounts?|external_accounts?)$/
const MOVING =
  /^(capture|refund|pay|confirm|charge|payout|transfer|reverse|settle|top_?up|withdraw|authorize|collect|cancel|accept|approve|submit|close|resume|process|expire|advance|post|return|increment|apply|fund)(_|$)/
const KEYS =
  /(^|_)(tokens?|secrets?|api_keys?|access_keys?|ephemeral_keys?|credentials?|sessions?|webhook_endpoints?|webhooks?|(account|login|file)_links?)$/
const AMOUNTS = ['amount', 'amount_money', 'total_amount', 'amount_in_cents', 'value']

/** Guesses the effect by verb, name and body. In doubt it is the more careful one. */
export function effectOf({ verb, parameters }: ApiEndpoint, resource: string, method: string): EffectGuess {
  if (verb === 'GET') return { effect: 'read', because: 'the verb' }
  if (verb === 'POST' && READS.test(method)) return { effect: 'read', because: `a POST named ${method}` }
  if (method === 'create' && KEYS.test(resource) && !/(checkout|portal)_sessions?$/.test(resource))
    return { effect: 'credential', because: 'what it makes is named like a key' }
  const bodies = parameters.filter(({ in: where }) => where === 'body')
  const amount = AMOUNTS.find((name) => bodies.some((each) => each.name === name))
  const isMoving =
    verb !== 'DELETE' &&
    ((/^(create|update)$/.test(method) &&
      MOVES.test(resource) &&
      (method === 'create' || amount !== undefined || /subscription/.test(resource))) ||
      MOVING.test(method))
  if (!isMoving) return { effect: 'write', because: 'the verb' }
  const isObject = bodies.some(({ name, type }) => name === amount && type === 'object')
  const currency = bodies.some(({ name }) => name === 'currency') ? '$body.currency' : undefined
  return {
    effect: 'money',
    because: `${method} of ${resource} is named like a movement of money${amount === undefined ? '' : ` and has \`${amount}\``}`,
    amount:
      amount === undefined
        ? 'null'
        : `$body.${amount}${isObject ? (amount === 'amount_money' ? '.amount' : '.value') : ''}`,
    currency: isObject ? `$body.${amount}.currency` : currency,
  }
}
