import { EngineError } from '../../engine/index.ts'
import { pageHeaders } from './headers.ts'
import type { LinkCall } from './serve.ts'
import { approvePage } from './views/approve.ts'

/**
 * GET /approve/{id}: where a person releases or refuses what an agent asked for. The page holds nothing of it: its script asks
 * the API with the token that the person enters, and keeps that token nowhere.
 */
export async function showApprove({ params }: LinkCall): Promise<Response> {
  const id = params.id ?? ''
  if (!/^apr_[0-9a-f]{32}$/.test(id)) throw new EngineError('not_found', 'There is no such approval')
  return new Response(await approvePage(id), { headers: pageHeaders({ origin: null, logo: null }) })
}
