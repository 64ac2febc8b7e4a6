import type {
  Account,
  BudgetState,
  CancelSignal,
  Clock,
  CursorCodec,
  Engine,
  ExpressionIsolate,
  Log,
  Priority,
  Random,
  SharedCost,
} from '../../engine/index.ts'
import type { Settings } from '../config.ts'
import type { Jobs } from '../jobs/index.ts'
import type { LiveDefinitions } from '../live-definitions.ts'
import type { Metrics } from '../metrics.ts'
import type { Outbound } from '../outbound/index.ts'
import type { Rules } from '../rules/port.ts'
import type { Approval, RateLimit, Stores, Token } from '../stores/index.ts'
import type { Sync } from '../sync/port.ts'
import type { EventStreams } from './event-streams.ts'
import type { PartingStep } from './parting-step.ts'
import type { Reads } from './reads.ts'

/** What every surface (HTTP now) works with; made once by `serve`. */
export interface Services {
  readonly settings: Settings
  readonly stores: Stores
  readonly reads: Reads
  readonly jobs: Jobs
  readonly outbound: Outbound
  readonly sync: Sync
  readonly eventStreams: EventStreams
  readonly rules: Rules
  readonly engine: Engine
  /** Where expressions run that callers and tenants write. */
  readonly isolate: ExpressionIsolate
  readonly definitions: LiveDefinitions
  readonly cursors: CursorCodec
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** What is undone at the provider of an account that is disconnected, in this order; filled at the start. */
  readonly partingSteps: PartingStep[]
  /** Name of the sandbox's environment, or null without one. */
  readonly sandboxEnvironment: string | null
  /** `url` is where clients reach the server; it is known once it listens. */
  readonly lifecycle: { isClosing: boolean; url: string }
}

/** Who calls, proven by a token. */
export interface Caller {
  readonly token: Token
  /** The rate limit of the token; null is none. */
  readonly limit: RateLimit | null
  /** The environment that the call is made in. */
  readonly environmentId: string
  /** Where an account is looked for, in order; the bootstrap token also finds those of the sandbox. */
  readonly environments: readonly string[]
}

/** What is learned of a call on its way, for its log line; filled as it becomes known. */
export interface Trace {
  environmentId: string | null
  accountId: string | null
  /** The account once it was chosen; its budget is told in the headers, also of a failure. */
  account: Account | null
  tokenId: string | null
  /** Where the token stands in its own limit; null without one. */
  tokenBudget: BudgetState | null
  upstreamRequests: number
}

/** One call of the API by an authenticated caller. */
export interface CallContext {
  readonly services: Services
  readonly caller: Caller
  readonly requestId: string
  readonly priority: Priority
  readonly signal: CancelSignal
  readonly trace: Trace
  /** What a batch leaves to each of its calls. */
  readonly within?: CallBounds | undefined
  /** Whether an agent calls, over MCP: then money and credentials wait for approval, whatever token it holds. */
  readonly isAgent?: boolean | undefined
  /** The approval that was taken for this call. */
  readonly approved?: Approval | undefined
}

/** Bounds that several calls share. */
export interface CallBounds {
  readonly cost: SharedCost
  /** Instant (epoch ms) after which no answer is of use. */
  readonly deadline: number | undefined
}

/** An answer before it becomes a Response; the body is JSON, or a stream of bytes of the content type in the headers. */
export interface Reply {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A trace with nothing in it. */
export function newTrace(): Trace {
  return { environmentId: null, accountId: null, account: null, tokenId: null, tokenBudget: null, upstreamRequests: 0 }
}
