import { createHash } from 'node:crypto'
import { EngineError } from '../../engine/index.ts'
import type { BeginResult, IdempotencyKey, IntegratedAccount, KeptResponse, NewAttempt } from '../stores/index.ts'
import type { CallContext, Reply } from './context.ts'
import { asEngineError, problemHeaders, toProblem } from './problem.ts'

/** A write that must happen at most once. */
export interface GuardedWrite {
  readonly account: IntegratedAccount
  /** What is done, such as `unified/payment-gateway/refunds/create`. */
  readonly operation: string
  /** Everything that makes the request what it is: id, query and body. */
  readonly request: unknown
  /** The caller's key; one is made when it is missing. */
  readonly key: string | undefined
}

const LEASE_MS = 15 * 60_000
const KEPT_MS = 24 * 3_600_000
const KEY_LENGTH = 255
/** Failures that can only happen before anything is sent. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_parameter',
  'unknown_parameter',
  'unknown_field',
  'invalid_body',
  'owned_parameter',
  'path_not_allowed',
  'unknown_resource',
  'unknown_method',
  'unsupported_resource',
  'unsupported_method',
  'unknown_integration',
  'account_not_active',
  'egress_refused',
  'forbidden',
])

/**
 * Makes a write once per key: the record is stored before `send`, which is given the key for the provider; a repeat is
 * answered from the record. Throws idempotency_conflict, idempotency_in_flight, outcome_unknown or what `send` throws.
 */
export async function writeOnce(
  context: CallContext,
  write: GuardedWrite,
  send: (providerKey: string) => Promise<Reply>,
): Promise<Reply> {
  const { stores, clock } = context.services
  const attempt = toAttempt(context, write)
  const begun = await stores.idempotency.begin(attempt, clock.now())
  if (begun.state !== 'new') return repeatOf(begun, attempt.key, clock.now())
  try {
    const reply = withKey(await send(attempt.providerKey), attempt.key)
    await stores.idempotency.complete(attempt, begun.lease, kept(reply))
    return reply
  } catch (thrown) {
    const error = asEngineError(thrown)
    await settle(context, attempt, begun.lease, error)
    throw error
  }
}

/** The caller's key, or one that is made. Throws invalid_parameter. */
export function idempotencyKey({ services }: CallContext, given: string | undefined): string {
  const key = given ?? `made_${services.random.id(22)}`
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw new EngineError('invalid_parameter', 'An idempotency key has 1 to 255 visible ASCII characters', {
    where: 'Idempotency-Key',
  })
}

function toAttempt(context: CallContext, write: GuardedWrite): NewAttempt {
  const { account, operation } = write
  const key = idempotencyKey(context, write.key)
  return {
    environmentId: account.environmentId,
    integratedAccountId: account.id,
    tenantId: account.tenantId,
    operation,
    key,
    bodyHash: createHash('sha256').update(canonical(write.request)).digest('hex'),
    providerKey: providerKeyOf(account, key),
    leaseMs: LEASE_MS,
    ttlMs: KEPT_MS,
  }
}

/** The key for the provider. Accounts may share credentials, so it is told apart by account; a long one is hashed. */
export function providerKeyOf(account: IntegratedAccount, key: string): string {
  const plain = `${account.environmentId}:${account.id}:${key}`
  return plain.length <= KEY_LENGTH ? plain : createHash('sha256').update(plain).digest('hex')
}

/** JSON with sorted keys, so that the order in which a client writes them makes no difference. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value instanceof Uint8Array) return JSON.stringify(createHash('sha256').update(value).digest('hex'))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`
}

const withKey = (reply: Reply, key: string): Reply => ({
  ...reply,
  headers: { ...reply.headers, 'idempotency-key': key },
})

const kept = ({ status, headers = {}, body }: Reply): KeptResponse => ({ status, headers, body: JSON.stringify(body) })

function repeatOf(begun: Exclude<BeginResult, { state: 'new' }>, key: string, now: number): Reply {
  switch (begun.state) {
    case 'done': {
      const { status, headers, body } = begun.response
      return { status, headers: { ...headers, 'idempotent-replayed': 'true' }, body: JSON.parse(body) }
    }
    case 'in_flight':
      throw new EngineError('idempotency_in_flight', 'A request with this idempotency key is still running', {
        where: 'Idempotency-Key',
        waitMs: Math.min(1_000, Math.max(1, begun.leaseUntil - now)),
      })
    case 'conflict':
      throw new EngineError('idempotency_conflict', 'The idempotency key was used with another request', {
        where: 'Idempotency-Key',
        hint: 'Use a new key for a new request, or repeat the first one exactly.',
      })
    case 'unknown':
      throw new EngineError(
        'outcome_unknown',
        'The first request with this key was sent, and its outcome is not known',
        {
          where: 'Idempotency-Key',
          hint: `Look at the provider whether it happened (our key there ends in ${key}); it is never sent again blindly.`,
        },
      )
  }
}

/** What becomes of the record after a failure: an answer of the provider is kept, what was never sent is forgotten. */
async function settle(context: CallContext, key: NewAttempt, lease: string, error: EngineError): Promise<void> {
  const { idempotency } = context.services.stores
  switch (fateOf(error)) {
    case 'release':
      return void (await idempotency.release(key, lease))
    case 'keep': {
      const reply = { status: error.status, headers: problemHeaders(error), body: toProblem(error, context.requestId) }
      return void (await idempotency.complete(key, lease, kept(withKey(reply, key.key))))
    }
    case 'unknown':
      return void (await idempotency.markUnknown(key satisfies IdempotencyKey, lease))
  }
}

/** Of all 5xx these say that the request was not taken up. */
const NOT_TAKEN_UP = [501, 503]

/**
 * Whether a failed write may have done something. An answer of 5xx says that the provider failed, not that nothing happened;
 * only a repeat with the same key would tell.
 */
export function isOpenEnd(error: EngineError): boolean {
  const { status = 0 } = error.details.provider ?? {}
  const isUnsure = status >= 500 && !NOT_TAKEN_UP.includes(status)
  return error.code === 'partly_done' || isUnsure || fateOf(error) === 'unknown'
}

/** Retryable answers of the provider release the key: the same key goes there again, so a repeat does nothing twice. */
function fateOf(error: EngineError): 'release' | 'keep' | 'unknown' {
  const { details, code, retryable } = error
  if (code === 'outcome_unknown') return 'unknown'
  if (details.sent === false) return 'release'
  if (details.provider !== undefined) return retryable ? 'release' : 'keep'
  return BEFORE_SENDING.has(code) ? 'release' : 'unknown'
}
