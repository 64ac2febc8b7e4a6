import { type CallOptions, EngineError, type Operation, type WireStream } from '../../engine/index.ts'
import type { Token } from '../stores/index.ts'
import { chooseAccount } from './accounts.ts'
import { nativeAct, UNDECLARED } from './acts.ts'
import { audit } from './audit.ts'
import { costOf } from './call-options.ts'
import type { CallContext } from './context.ts'
import { refuseNarrowed } from './narrow.ts'
import { type Act, accountsOf, checkReach } from './reach.ts'

/** A request to pass on as it came. */
export interface ForwardRequest {
  readonly verb: string
  /** Path and query as written by the caller, starting with `/`. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined
}

/** custom: below /custom, an API token names its account in the query. drop_in: a port of its own, account tokens only. */
export type ForwardSurface = 'custom' | 'drop_in'

const ACCOUNT_PARAMETER = 'integrated_account_id'

/** Passes a request on with the account's credentials; the answer arrives as a stream. Throws EngineError. */
export async function forward(
  context: CallContext,
  request: ForwardRequest,
  surface: ForwardSurface,
): Promise<WireStream> {
  const { services, caller } = context
  refuseNarrowed(caller.token)
  const { target, accountId } = splitTarget(request.target, surface)
  if (surface === 'drop_in' && accountsOf(caller.token)?.length !== 1) {
    throw new EngineError('ambiguous_account', 'The drop-in port takes tokens of one account only', {
      where: 'Authorization',
      hint: 'Make one with POST /integrated-account/{id}/token.',
    })
  }
  const { account } = await chooseAccount(context, { integratedAccountId: accountId })
  const met: { operation?: Operation } = {}
  const authorize = (operation: Operation | undefined): void => {
    if (operation !== undefined) met.operation = operation
    const integration = services.engine.integration(account)
    const act = operation === undefined ? UNDECLARED : nativeAct(integration, operation, 'raw')
    checkReach(caller.token, act)
    refuseHeld(caller.token, act)
  }
  const call = { verb: request.verb, target, headers: request.headers, body: request.body, authorize }
  return audited(context, surface, met, () => services.engine.forward(account, call, optionsOf(context)))
}

const optionsOf = (context: CallContext): CallOptions => {
  const { requestId, priority, signal, within } = context
  return { requestId, priority, signal, deadline: within?.deadline, onLimit: 'wait', cost: costOf(context) }
}

/** What passes on byte for byte cannot be held and made again later, so an agent moves nothing that way. */
function refuseHeld(token: Token, { effect }: Act): void {
  if (token.kind !== 'agent' || (effect !== 'money' && effect !== 'credential')) return
  throw new EngineError('forbidden', `An agent has the effect '${effect}' with approval only, which is not had here`, {
    hint: 'Make the call below /unified or /proxy, or over MCP: there it is held until it is approved.',
  })
}

/** Only our own parameter is taken out of the query; everything else stays as it was written, byte for byte. */
function splitTarget(target: string, surface: ForwardSurface): { target: string; accountId: string | undefined } {
  const cut = target.indexOf('?')
  if (surface === 'drop_in' || cut < 0 || !target.includes(ACCOUNT_PARAMETER)) return { target, accountId: undefined }
  const parts = target.slice(cut + 1).split('&')
  const isOurs = (part: string): boolean => part === ACCOUNT_PARAMETER || part.startsWith(`${ACCOUNT_PARAMETER}=`)
  const rest = parts.filter((part) => !isOurs(part)).join('&')
  const accountId = new URLSearchParams(parts.find(isOurs) ?? '').get(ACCOUNT_PARAMETER) ?? undefined
  return { target: target.slice(0, cut) + (rest === '' ? '' : `?${rest}`), accountId }
}

/** Denied acts, and those that move money or credentials, go into the audit log with the status of the answer. */
async function audited(
  context: CallContext,
  surface: ForwardSurface,
  met: { readonly operation?: Operation },
  send: () => Promise<WireStream>,
): Promise<WireStream> {
  const act = (): string => `${surface}/${met.operation?.id.replace('.', '/') ?? 'undeclared'}`
  const isWatched = (): boolean => met.operation === undefined || ['money', 'credential'].includes(met.operation.effect)
  const target = (): string => `integrated_account:${context.trace.accountId}`
  try {
    const stream = await send()
    if (isWatched()) {
      await audit(context, act(), target(), stream.status < 400 ? 'succeeded' : 'failed', { status: stream.status })
    }
    return stream
  } catch (thrown) {
    const code = thrown instanceof EngineError ? thrown.code : 'internal'
    const outcome = code === 'forbidden' ? 'denied' : code === 'outcome_unknown' ? 'unknown' : 'failed'
    if (outcome === 'denied' || (isWatched() && met.operation !== undefined)) {
      await audit(context, act(), target(), outcome, { code })
    }
    throw thrown
  }
}
