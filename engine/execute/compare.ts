import { EngineError } from '../errors.ts'
import { asFound } from './as-found.ts'
import type { EngineContext } from './context.ts'
import type { Account, CallOptions, CompareAnswer, CompareCall } from './contract.ts'
import { readRecord } from './get.ts'
import { mapFound } from './map-found.ts'
import { Session } from './session.ts'

/**
 * Maps one native record twice: with the overrides of the account, and with others in their place. The record is read
 * once, and what lookups join is shared. Throws EngineError as a get does, definition_invalid for overrides that do not fit.
 */
export async function compare(
  context: EngineContext,
  account: Account,
  { model, resource, of, overrides, query }: CompareCall,
  options: CallOptions,
): Promise<CompareAnswer> {
  const current = new Session({ context, account, options, model, resource, query })
  const { call, found, mapping, integration } = current
  if (mapping.get === undefined && mapping.list === undefined) {
    throw new EngineError('unsupported_method', `${integration.label} cannot read ${resource}`)
  }
  const other = { ...account, overrides }
  const proposed = new Session({ context, account: other, options, model, resource, query, call, found })
  const native = 'id' in of ? await readRecord(current, of.id) : asFound(current, of.record)
  const record = async (session: Session) =>
    (await mapFound(session, [native], { fields: undefined }, true))[0]?.record ?? {}
  return { current: await record(current), proposed: await record(proposed), report: call.report() }
}
