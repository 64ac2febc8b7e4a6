import {
  type BudgetState,
  type CallOptions,
  type CallReport,
  EngineError,
  type SharedCost,
} from '../../engine/index.ts'
import type { AccountChoice } from './accounts.ts'
import type { CallContext } from './context.ts'

/** What a query says about the call itself, apart from its subject. */
export interface CallSwitches extends AccountChoice {
  readonly onLimit: 'wait' | 'fail'
  /** Milliseconds from now; undefined waits as long as it takes. */
  readonly deadlineMs: number | undefined
  readonly maxRequests: number | undefined
  readonly source: 'live' | 'synced'
}

/** Parameters that `readSwitches` takes out of a query. */
export const SWITCHES: Readonly<Record<string, { readonly description: string; readonly schema: object }>> =
  Object.freeze({
    integrated_account_id: {
      description:
        'The integrated account to call; for a list several, with commas. An account token has its own and needs none.',
      schema: { type: 'string' },
    },
    tenant_id: {
      description: 'In its place, for lists: all accounts of this tenant, up to 100, in one order.',
      schema: { type: 'string' },
    },
    on_limit: {
      description: 'What happens at the rate limit of the account: wait for it (the default), or fail at once.',
      schema: { type: 'string', enum: ['wait', 'fail'], default: 'wait' },
    },
    deadline_ms: {
      description: 'Milliseconds after which the answer is no use any more.',
      schema: { type: 'integer', minimum: 1, maximum: 600_000 },
    },
    max_requests: {
      description: 'Most requests to the provider for this one call; the default is 100.',
      schema: { type: 'integer', minimum: 1, maximum: 1_000 },
    },
    source: {
      description:
        'Where the answer comes from: the provider, or what was synced (lists and gets; they say how old it is).',
      schema: { type: 'string', enum: ['live', 'synced'], default: 'live' },
    },
  })

/** Splits a query into the switches of the call and everything else. Throws invalid_parameter. */
export function readSwitches(pairs: Iterable<readonly [string, string]>): {
  readonly switches: CallSwitches
  readonly rest: readonly (readonly [string, string])[]
} {
  const given = new Map<string, string>()
  const rest: (readonly [string, string])[] = []
  for (const [name, value] of pairs) {
    if (!Object.hasOwn(SWITCHES, name)) rest.push([name, value])
    else if (given.has(name)) throw invalid(name, 'given more than once')
    else given.set(name, value)
  }
  const onLimit = given.get('on_limit') ?? 'wait'
  if (onLimit !== 'wait' && onLimit !== 'fail') throw invalid('on_limit', 'expected wait or fail', ['wait', 'fail'])
  const source = given.get('source') ?? 'live'
  if (source !== 'live' && source !== 'synced') throw invalid('source', 'expected live or synced', ['live', 'synced'])
  return {
    switches: {
      integratedAccountId: given.get('integrated_account_id'),
      tenantId: given.get('tenant_id'),
      onLimit,
      deadlineMs: wholeNumber(given, 'deadline_ms', 600_000),
      maxRequests: wholeNumber(given, 'max_requests', 1_000),
      source,
    },
    rest,
  }
}

function wholeNumber(given: ReadonlyMap<string, string>, name: string, most: number): number | undefined {
  const text = given.get(name)
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number
  throw invalid(name, `expected a whole number from 1 to ${most}`)
}

function invalid(where: string, message: string, valid?: readonly string[]): EngineError {
  return new EngineError('invalid_parameter', `\`${where}\`: ${message}`, { where, valid })
}

/** The engine's options of a call. */
export function toCallOptions(
  context: CallContext,
  switches: Omit<CallSwitches, 'source'>,
  write: Pick<CallOptions, 'idempotencyKey' | 'beforeWrite'> = {},
): CallOptions {
  const { services, requestId, priority, signal, within } = context
  const { deadlineMs, onLimit, maxRequests } = switches
  const own = deadlineMs === undefined ? undefined : services.clock.now() + deadlineMs
  const deadline =
    own === undefined || within?.deadline === undefined ? (own ?? within?.deadline) : Math.min(own, within.deadline)
  return { requestId, priority, signal, deadline, onLimit, maxRequests, cost: costOf(context), ...write }
}

/** Counts each upstream request in the trace of the call, also of one that fails, and in what it shares with others. */
export const costOf = ({ trace, within }: CallContext): SharedCost => new TracedCost(trace, within?.cost)

class TracedCost implements SharedCost {
  readonly #trace: CallContext['trace']
  readonly #shared: SharedCost | undefined

  constructor(trace: CallContext['trace'], shared: SharedCost | undefined) {
    this.#trace = trace
    this.#shared = shared
  }

  get left(): number {
    return this.#shared?.left ?? Number.POSITIVE_INFINITY
  }

  spend(): void {
    this.#shared?.spend()
    this.#trace.upstreamRequests += 1
  }
}

/** RateLimit headers of an account's budget; the reset in whole seconds. */
export function budgetHeaders(budget: BudgetState | undefined): Record<string, string> {
  if (budget === undefined) return {}
  return {
    'ratelimit-limit': String(budget.limit),
    'ratelimit-remaining': String(Math.max(0, budget.remaining)),
    'ratelimit-reset': String(Math.max(0, Math.ceil(budget.resetMs / 1000))),
  }
}

/** What a report adds to the headers of an answer. */
export function reportHeaders(report: CallReport): Record<string, string> {
  return {
    ...budgetHeaders(report.budget),
    ...(report.replayed ? { 'idempotent-replayed': 'true' } : {}),
  }
}

/** Throws invalid_parameter where only the provider can answer. */
export function onlyLive({ source }: Pick<CallSwitches, 'source'>): void {
  if (source !== 'live') throw invalid('source', 'only live data is answered here', ['live'])
}
