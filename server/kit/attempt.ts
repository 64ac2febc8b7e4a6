import {
  type CaseCall,
  type Catalog,
  EngineError,
  type Integration,
  type JsonRecord,
  makeCall,
  type Operation,
  type ProxyAnswer,
  type UnifiedAnswer,
} from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import type { Exchange } from './exchange.ts'
import { openStand, type StandOptions } from './stand.ts'

/** What a call did: what went over the wire, and its answer or failure. */
export interface Attempt {
  readonly exchanges: readonly Exchange[]
  readonly credentials: Readonly<Record<string, string>>
  readonly answer?: UnifiedAnswer | ProxyAnswer
  readonly error?: EngineError
  /** Instant of its begin, epoch ms. */
  readonly at: number
}

/** How a call is made. */
export interface AttemptOptions {
  /** Stop before the first request leaves. */
  readonly isDry?: boolean | undefined
  /** Asked before anything that does not only read is sent; throws to keep it back. */
  readonly mayWrite: (effect: Operation['effect'], operation: string) => void
}

const DRY = 'Nothing was sent'

/** Makes one call. What it fails with is part of the answer; only what keeps it from being made is thrown. */
export async function attempt(
  { catalog, integration }: { readonly catalog: Catalog; readonly integration: Integration },
  call: CaseCall,
  stand: StandOptions,
  { isDry, mayWrite }: AttemptOptions,
): Promise<Attempt> {
  const dry = { send: () => Promise.reject(new EngineError('canceled', DRY, { sent: false })) }
  const opened = await openStand(catalog, integration, isDry === true ? { ...stand, between: () => dry } : stand)
  const { engine, account, exchanges, credentials, options } = opened
  const beforeWrite = (built: { readonly effect: Operation['effect']; readonly operation: string }): Promise<void> =>
    Promise.resolve(isDry === true ? undefined : mayWrite(built.effect, built.operation))
  const at = SYSTEM_CLOCK.now()
  try {
    const answer = await makeCall(engine, account, call, { ...options, beforeWrite })
    return { exchanges, credentials, answer, at }
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    const isDone = isDry === true && thrown.message === DRY
    return { exchanges, credentials, at, ...(isDone ? {} : { error: thrown }) }
  } finally {
    await opened.close()
  }
}

/** The records of an answer. */
export function recordsOf(answer: UnifiedAnswer | ProxyAnswer): readonly JsonRecord[] {
  if (answer.kind === 'record') return [answer.record]
  return answer.kind === 'list' ? answer.result : []
}
