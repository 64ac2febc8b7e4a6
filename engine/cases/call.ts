import type { Catalog } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Account, CallOptions, Engine, ProxyAnswer, UnifiedAnswer } from '../execute/contract.ts'
import { parseUnifiedQuery } from '../query/index.ts'
import type { Case } from '../schema/generated.ts'

/** A call as a case writes it: unified with a model, native without one. */
export type CaseCall = NonNullable<Case['call']>

/** Makes the call of a case, as the API would. Throws EngineError. */
export async function makeCall(
  engine: Engine,
  account: Account,
  asked: CaseCall,
  options: CallOptions,
): Promise<UnifiedAnswer | ProxyAnswer> {
  const { model, resource, method, id, query = {}, body } = asked
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])
  if (model !== undefined) {
    const parsed = parseUnifiedQuery(pairs, unifiedResource(engine.catalog(), model, resource), { method })
    return await engine.unified(account, { model, resource, method, id, query: parsed, body }, options)
  }
  const { limit, next_cursor, ...rest } = Object.fromEntries(pairs)
  const paging = { limit: limit === undefined ? undefined : Number(limit), cursor: next_cursor }
  return await engine.proxy(account, { resource, method, id, query: rest, body, ...paging }, options)
}

function unifiedResource({ models }: Catalog, model: string, resource: string) {
  const found = models.get(model)
  const unified = found?.resources.get(resource)
  if (unified !== undefined) return unified
  throw new EngineError('unknown_resource', `There is no ${model}/${resource}`, {
    valid: found === undefined ? [...models.keys()] : [...found.resources.keys()],
  })
}
