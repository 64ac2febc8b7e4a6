import { createHash } from 'node:crypto'
import { type BuiltWrite, EngineError } from '../../engine/index.ts'
import { type Approval, newId, type Spend, type TokenEffect } from '../stores/index.ts'
import { approvalOut } from './approval-out.ts'
import type { CallContext, Reply } from './context.ts'
import { canonical, type GuardedWrite, isOpenEnd, providerKeyOf, writeOnce } from './idempotency.ts'
import { asEngineError } from './problem.ts'
import type { HeldCall } from './requests.ts'
import { checkSpend, moneyOf, reserveSpend } from './spend.ts'

/** What is kept of a held call, sealed; `sends` is what a person is shown of the request that would go out. */
export interface HeldRequest {
  readonly call: HeldCall
  readonly sends: { readonly verb: string; readonly url: string; readonly body: string | null }
}

/** A write that somebody may have to let through first. */
export interface GatedWrite extends GuardedWrite {
  readonly effect: TokenEffect
  readonly call: HeldCall
  /** Reads the currency of the record that the write is for, where the request does not name it. */
  readonly recordCurrency: () => Promise<string | null>
}

/** Sends the write with a key for the provider, each request shown to `beforeWrite` first. */
export type Send = (providerKey: string, beforeWrite?: (built: BuiltWrite) => Promise<void>) => Promise<Reply>

const HUMAN_MS = 3_600_000
const CONFIRM_MS = 300_000
const MOST_OPEN = 100
const SHOWN_BODY = 4_000

/**
 * Makes a write at most once. What moves money or touches credentials on behalf of an agent is built, held and answered
 * by approval_required; with `context.approved`, it is made if it is still what was approved.
 */
export function gatedWrite(context: CallContext, write: GatedWrite, send: Send): Promise<Reply> {
  const { approved } = context
  if (approved !== undefined) return useApproval(context, write, approved, send)
  const policy = policyOf(context, write.effect)
  return policy === 'none' ? writeOnce(context, write, (key) => send(key)) : hold(context, write, policy, send)
}

/** Who must let a call through. Over MCP nobody moves money alone, whatever token is used; credentials are for people. */
function policyOf({ caller: { token }, isAgent }: CallContext, effect: TokenEffect): 'none' | 'human' | 'confirm' {
  if (effect !== 'money' && effect !== 'credential') return 'none'
  if (token.kind !== 'agent') return isAgent === true ? 'human' : 'none'
  return token.approval === 'confirm' && effect === 'money' ? 'confirm' : 'human'
}

const hashOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex')

/** What makes a call the same call: the account, the operation, everything in the request, and the key of the caller. */
const requestHash = ({ account, operation, request, key }: GuardedWrite): string =>
  hashOf([account.environmentId, account.id, operation, request, key ?? null])

/** The key of a write that was approved: the caller's own, or one that no other approval has. */
const keyOf = ({ key }: GuardedWrite, approvalId: string): string => key ?? `approval_${approvalId}`

async function hold(context: CallContext, write: GatedWrite, policy: 'human' | 'confirm', send: Send): Promise<never> {
  const { services, caller } = context
  const { approvals } = services.stores
  const now = services.clock.now()
  const hash = requestHash(write)
  const definition = services.engine.catalog().hash
  const standing = await approvals.standing(caller.token.id, hash, definition, now)
  if (standing !== null) throw approvalRequired(context, standing)
  if ((await approvals.countOpen(caller.token.id, now)) >= MOST_OPEN) throw tooMany()
  const id = newId('apr')
  const built = await dryRun(send, providerKeyOf(write.account, keyOf(write, id)))
  const money = await moneyOf(built, write.recordCurrency)
  if (write.effect === 'money') await checkSpend(context, money)
  const { environmentId, id: integratedAccountId } = write.account
  const subject = { environmentId, tokenId: caller.token.id, integratedAccountId, operation: write.operation, ...money }
  const bound = { requestHash: hash, builtHash: built.hash, definition }
  const request: HeldRequest = { call: write.call, sends: sendsOf(built) }
  const expiresAt = now + (policy === 'human' ? HUMAN_MS : CONFIRM_MS)
  const made = { ...subject, ...bound, id, policy, effect: write.effect, request, expiresAt }
  throw approvalRequired(context, await approvals.create(made, now))
}

const tooMany = (): EngineError =>
  new EngineError('token_rate_limited', `The token has ${MOST_OPEN} acts that wait already`, {
    hint: 'Confirm them, or let them expire.',
  })

/** Builds the write as it would be sent, and sends nothing. */
async function dryRun(send: Send, providerKey: string): Promise<BuiltWrite> {
  const met: { built?: BuiltWrite } = {}
  const keepBack = (built: BuiltWrite): Promise<never> => {
    met.built = built
    return Promise.reject(new EngineError('approval_required', 'Only built', { sent: false }))
  }
  await send(providerKey, keepBack).catch((thrown: unknown) => {
    if (met.built === undefined) throw thrown
  })
  if (met.built !== undefined) return met.built
  throw new EngineError('internal', 'A write went by without being shown')
}

const sendsOf = ({ verb, url, body }: BuiltWrite): HeldRequest['sends'] => ({
  verb,
  url,
  body: body === undefined ? null : Buffer.from(body).toString().slice(0, SHOWN_BODY),
})

function approvalRequired(context: CallContext, approval: Approval): EngineError {
  const shown = approvalOut(context.services, approval)
  const then = `call confirm_action with approval_id ${approval.id} (HTTP: POST /approval/${approval.id}/confirm)`
  const hint =
    approval.state === 'released'
      ? `Nothing was sent. If this is what is wanted, ${then}.`
      : `Nothing was sent. A person who may approve opens ${String(shown.url)}; when they have released it, ${then}.`
  const message = `${approval.operation} has the effect '${approval.effect}' and waits for approval`
  return new EngineError('approval_required', message, { hint, approval: shown, sent: false })
}

/** Makes the write that an approval was taken for. Throws approval_stale when it is another one by now, or spend_limit. */
async function useApproval(context: CallContext, write: GatedWrite, approved: Approval, send: Send): Promise<Reply> {
  const { services, caller } = context
  if (approved.tokenId !== caller.token.id || approved.requestHash !== requestHash(write)) throw stale('another call')
  if (services.engine.catalog().hash !== approved.definition) throw stale('built with other definitions')
  const spends = new Map<string, Spend | null>()
  const beforeWrite = async (built: BuiltWrite): Promise<void> => {
    const isFirst = spends.size === 0
    if (isFirst && built.hash !== approved.builtHash) throw stale('another request')
    if (spends.has(built.hash)) return
    const effect = isFirst ? write.effect : built.effect
    const money = isFirst ? approved : await moneyOf(built, () => Promise.resolve(approved.currency))
    spends.set(built.hash, effect === 'money' ? await reserveSpend(context, money) : null)
  }
  const key = keyOf(write, approved.id)
  try {
    return await writeOnce(context, { ...write, key }, (providerKey) => send(providerKey, beforeWrite))
  } catch (thrown) {
    if (!isOpenEnd(asEngineError(thrown))) await giveBack(context, [...spends.values()])
    throw thrown
  }
}

async function giveBack({ services }: CallContext, spends: readonly (Spend | null)[]): Promise<void> {
  for (const spend of spends) if (spend !== null) await services.stores.tokenSpend.release(spend)
}

const stale = (what: string): EngineError =>
  new EngineError('approval_stale', `What was approved is ${what}`, {
    sent: false,
    hint: 'Make the call again: it is held anew, as it is now.',
  })
