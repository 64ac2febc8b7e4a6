import { createHash } from 'node:crypto'
import { currencyCode, toMinor } from '../money.ts'
import type { Invocation } from './context.ts'
import type { BuiltWrite } from './contract.ts'
import type { Prepared } from './prepare.ts'

/** What a write is about to send, without anything that proves who sends it. */
export function builtWrite({ operation, input }: Invocation, { spec, url }: Prepared): BuiltWrite {
  const { verb, headers, contentType, body } = spec
  const parts = [operation.id, verb, url, headers, contentType ?? null, body === undefined ? null : digest(body)]
  const variables = { path: input.path, query: input.query, body: input.body ?? null }
  const amount = operation.amount?.evaluate(undefined, variables) ?? null
  const currency = operation.currency?.evaluate(undefined, variables) ?? null
  return {
    operation: operation.id,
    effect: operation.effect,
    verb,
    url,
    body,
    hash: digest(JSON.stringify(parts)),
    currency: currency === null ? null : currencyCode(currency),
    amountIn: (code) => (amount === null ? null : toMinor(amount, code, operation.money)),
  }
}

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
