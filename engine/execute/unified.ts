import { EngineError } from '../errors.ts'
import type { EngineContext } from './context.ts'
import type { Account, CallOptions, UnifiedAnswer, UnifiedCall } from './contract.ts'
import { unifiedGet } from './get.ts'
import { unifiedList } from './list.ts'
import { Session } from './session.ts'
import { unifiedWrite } from './write.ts'

/** Answers a unified call. Throws EngineError. */
export function unified(
  context: EngineContext,
  account: Account,
  call: UnifiedCall,
  options: CallOptions,
): Promise<UnifiedAnswer> {
  const { model, resource, method, query, id } = call
  const session = new Session({ context, account, options, model, resource, query })
  if (method === 'list') return unifiedList(session)
  if (method === 'get') return unifiedGet(session, requireId(id, method))
  const isOnRecord = method === 'update' || method === 'delete' || session.resource.methods.get(method)?.on === 'record'
  return unifiedWrite(session, method, isOnRecord ? requireId(id, method) : id, call.body)
}

function requireId(id: string | undefined, method: string): string {
  if (id !== undefined && id !== '') return id
  throw new EngineError('invalid_request', `${method} needs the id of a record`, { where: 'id' })
}
