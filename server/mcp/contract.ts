import type {
  CallToolResult,
  ClientCapabilities,
  InputRequiredResult,
  Tool as ListedTool,
} from '@modelcontextprotocol/server'
import type { JsonRecord } from '../../engine/index.ts'
import type { CallContext } from '../api/context.ts'

/** Arguments of a call, as they came. */
export type Arguments = Readonly<Record<string, unknown>>

/** What a tool found, before it is fitted into an answer. */
export interface Found {
  /** The record, the records or what else there is. */
  readonly result: unknown
  /** The rest of the envelope: cursors, counts, warnings, the key of a write. */
  readonly rest?: JsonRecord | undefined
  /** Whether the result holds what a provider or its customers wrote. */
  readonly isFromOutside: boolean
  /** Asks again for fewer records, so that the cursor goes on where the answer ends; of lists of records only. */
  readonly again?: ((limit: number) => Promise<Found>) | undefined
  /** How to ask for less, when the answer does not fit. */
  readonly narrow?: string | undefined
}

/** A tool and what answers it. */
export interface Tool {
  readonly listed: ListedTool
  readonly call: (context: CallContext, args: Arguments) => Promise<Found>
}

/** The requests that are answered without a provider: resources, prompts and the completion of their arguments. */
export const LIBRARY_METHODS = Object.freeze([
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
] as const)

/** One of them. */
export type LibraryMethod = (typeof LIBRARY_METHODS)[number]

/** What comes with a request besides its arguments. */
export interface Round {
  readonly signal: AbortSignal
  /** What the client says that it can do for a server. */
  readonly abilities: ClientCapabilities
  /** Tells the client how far a call is; undefined where it did not ask for that. */
  readonly report?: ((progress: number, message?: string, total?: number) => void) | undefined
  /** Answers to what was asked when the same call was made before, and the state that went with it; as untrusted as all else. */
  readonly responses?: Readonly<Record<string, unknown>> | undefined
  readonly state?: string | undefined
}

/** The tools of one caller, here or behind another address. */
export interface Toolbox {
  /** What a client tells its model about this server. */
  readonly instructions: string
  list(): Promise<readonly ListedTool[]>
  /**
   * Never rejects for what went wrong in the call: that is an answer, as is what the person must be asked first. Rejects for
   * a tool that is not there.
   */
  call(name: string, args: Arguments, round: Round): Promise<CallToolResult | InputRequiredResult>
  /**
   * Answers a request for resources or prompts with its result, or with what the person must be asked first. Rejects with
   * an error of the protocol.
   */
  consult(method: LibraryMethod, params: Arguments, round: Round): Promise<JsonRecord | InputRequiredResult>
}
