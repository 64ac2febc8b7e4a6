import type { Reply } from '../../api/context.ts'
import { callProxy } from '../../api/proxy.ts'
import { callUnified } from '../../api/unified.ts'
import type { Route, RouteCall } from '../route.ts'

const ANY = {}

/** The unified surface; its concrete addresses are documented from the catalog. */
export const UNIFIED_ROUTES: readonly Route[] = [
  unified('get', '/unified/{model}/{resource}', 'list'),
  unified('post', '/unified/{model}/{resource}', 'create'),
  unified('get', '/unified/{model}/{resource}/{id}', 'get'),
  unified('patch', '/unified/{model}/{resource}/{id}', 'update'),
  unified('delete', '/unified/{model}/{resource}/{id}', 'delete'),
  unified('post', '/unified/{model}/{resource}/{method}', null),
  unified('post', '/unified/{model}/{resource}/{id}/{method}', null),
]

/** `method` null: it stands in the path. */
function unified(verb: Route['verb'], path: string, method: string | null): Route {
  const handle = ({ context, params, query, body, idempotencyKey }: RouteCall): Promise<Reply> =>
    callUnified(context, {
      model: params.model ?? '',
      resource: params.resource ?? '',
      method: method ?? params.method ?? '',
      id: params.id,
      query,
      body,
      idempotencyKey,
    })
  const takesBody = verb === 'post' || verb === 'patch'
  const summary = `Calls ${method ?? 'a method'} of a unified resource.`
  return {
    ...{ verb, path, tag: 'Unified', summary, rank: 'any', query: null, answer: ANY, handle, isGeneric: true },
    ...(takesBody ? { body: null } : {}),
  }
}

/** The provider's own resources with our auth, paging, limits and retries. */
export const PROXY_ROUTES: readonly Route[] = [
  proxy('get', '/proxy/{resource}', 'list', 'Lists a native resource.'),
  proxy('post', '/proxy/{resource}', 'create', 'Creates a native record.'),
  proxy('get', '/proxy/{resource}/{id}', 'path', 'Gets a native record, or calls a reading method of the collection.'),
  proxy('patch', '/proxy/{resource}/{id}', 'update', 'Changes a native record.'),
  proxy('delete', '/proxy/{resource}/{id}', 'delete', 'Deletes a native record.'),
  proxy('post', '/proxy/{resource}/{method}', null, 'Calls a method of a native resource.'),
  proxy('get', '/proxy/{resource}/{id}/{method}', null, 'Calls a reading method of a native record.'),
  proxy('post', '/proxy/{resource}/{id}/{method}', null, 'Calls a method of a native record.'),
]

function proxy(verb: Route['verb'], path: string, method: string | null, summary: string): Route {
  const handle = ({ context, params, query, body, idempotencyKey }: RouteCall): Promise<Reply> =>
    callProxy(context, {
      resource: params.resource ?? '',
      method: method === 'path' ? null : (method ?? params.method ?? ''),
      id: params.id,
      query,
      body,
      idempotencyKey,
    })
  const takesBody = verb === 'post' || verb === 'patch'
  return {
    ...{ verb, path, tag: 'Proxy', summary, rank: 'any', query: null, answer: ANY, handle, takesFiles: takesBody },
    ...(takesBody ? { body: null } : {}),
  }
}
