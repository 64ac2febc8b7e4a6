import {
  EngineError,
  type FilterTerm,
  type JsonRecord,
  type ModelResource,
  type UnifiedQuery,
} from '../../engine/index.ts'
import type { Token } from '../stores/index.ts'

/** The customer that a token is narrowed to, or null. */
export function customerOf(token: Token): string | null {
  return token.kind === 'account' ? token.customerId : null
}

/** Throws forbidden for a token narrowed to one customer: native answers cannot be narrowed. */
export function refuseNarrowed(token: Token): void {
  if (customerOf(token) === null) return
  throw new EngineError('forbidden', 'A token narrowed to one customer reads unified records only')
}

/** The one account whose events a token sees, or undefined for all. Throws forbidden for what sees a part of the records only. */
export function eventAccountOf(token: Token): string | undefined {
  refuseNarrowed(token)
  if (token.kind !== 'agent') return token.kind === 'account' ? token.integratedAccountId : undefined
  throw new EngineError('forbidden', 'Events are not for agents: an account token has those of its account')
}

/** The filter that keeps a list to one customer. Throws forbidden where the resource has none. */
export function narrowQuery(query: UnifiedQuery, resource: ModelResource, customerId: string): UnifiedQuery {
  const field = resource.object === 'customer' ? 'id' : 'customer_id'
  if (!resource.filters.has(field)) {
    throw new EngineError('forbidden', `The token is narrowed to one customer, and ${resource.name} have none`)
  }
  const others = query.filters.filter((term) => term.field !== field)
  if (query.filters.some((term) => term.field === field && !names(term, customerId))) {
    throw new EngineError('forbidden', 'The token is narrowed to another customer', { where: field })
  }
  return { ...query, filters: [...others, { field, op: 'eq', value: customerId }] }
}

const names = (term: FilterTerm, customerId: string): boolean =>
  (term.op === 'eq' || term.op === 'in') && term.value === customerId

/** Throws record_not_found for a record of another customer. */
export function checkRecordOf(record: JsonRecord, resource: ModelResource, customerId: string): void {
  const customer = record.customer as { id?: unknown } | null | undefined
  const id = resource.object === 'customer' ? record.id : customer?.id
  if (id === customerId) return
  throw new EngineError('record_not_found', 'The customer of the token has no such record')
}
