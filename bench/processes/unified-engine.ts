import { randomBytes } from 'node:crypto'
import {
  type Account,
  type CallOptions,
  createEngine,
  type Engine,
  MemoryBudget,
  compileAhead as makeAhead,
  parseUnifiedQuery,
  Secret,
  type UnifiedCall,
} from '../../engine/index.ts'
import { createCursors } from '../../server/api/cursors.ts'
import { SYSTEM_CLOCK, SYSTEM_RANDOM } from '../../server/clock.ts'
import { loadDefinitions } from '../../server/load-definitions.ts'
import { SILENT_LOG } from '../../server/log.ts'
import { createMetrics } from '../../server/metrics.ts'
import { createPause } from '../../server/pause.ts'
import { createVault } from '../../server/stores/vault.ts'
import { createEgressPolicy, createTransport } from '../../server/transport/index.ts'
import { answerParent } from '../harness/answer.ts'
import { repeat, watchDelays } from '../harness/usage.ts'

// The engine alone in a process: a unified list of 100 as the server would ask for it, without HTTP, tokens and stores.
const MODEL = 'payment-gateway'
const OPTIONS: CallOptions = { requestId: 'req_bench', priority: 'interactive', onLimit: 'wait' }

interface Subject {
  readonly origin: string
  readonly integration: string
  readonly resource: string
}

let subject: (() => Promise<string>) | undefined
let compileAhead: (() => Promise<void>) | undefined

const call = (): Promise<string> => {
  if (subject === undefined) throw new Error('nothing was prepared')
  return subject()
}

async function openEngine(): Promise<Engine> {
  const { catalog, issues } = await loadDefinitions([])
  if (catalog === null) throw new Error(issues)
  return createEngine({
    catalog,
    ports: {
      transport: createTransport({ egress: createEgressPolicy({ allow: ['127.0.0.1'] }) }),
      clock: SYSTEM_CLOCK,
      random: SYSTEM_RANDOM,
      budget: new MemoryBudget(SYSTEM_CLOCK),
      credentials: { load: async () => new Secret({ secret_key: 'sk_live_bench' }) },
      cursors: createCursors(createVault([randomBytes(32).toString('base64')]), SYSTEM_CLOCK),
      log: SILENT_LOG,
      meter: createMetrics(),
      pause: createPause(),
    },
  })
}

const accountAt = ({ origin, integration }: Subject): Account => ({
  id: 'acc_bench',
  environmentId: 'env_bench',
  tenantId: 'bench',
  integration,
  authMethod: 'secret_key',
  mode: 'live',
  livemode: true,
  apiVersion: null,
  connection: {},
  traits: {},
  baseUrl: origin,
  overrides: {},
})

async function prepare(wanted: Subject): Promise<void> {
  const engine = await openEngine()
  const { signal } = new AbortController()
  compileAhead = () => makeAhead(engine.catalog(), wanted.integration, { pause: createPause(), signal })
  const account = accountAt(wanted)
  const resource = engine.catalog().models.get(MODEL)?.resources.get(wanted.resource)
  if (resource === undefined) throw new Error(`${MODEL} has no resource ${wanted.resource}`)
  subject = async () => {
    const query = parseUnifiedQuery([['limit', '100']], resource, { method: 'list', timezone: undefined, ignore: [] })
    const unified: UnifiedCall = { model: MODEL, resource: wanted.resource, method: 'list', query }
    const answer = await engine.unified(account, unified, OPTIONS)
    if (answer.kind !== 'list' || answer.result.length !== 100) throw new Error('the answer is no list of 100')
    const { result, nextCursor, prevCursor, isPartial } = answer
    return JSON.stringify({
      result,
      next_cursor: nextCursor,
      prev_cursor: prevCursor,
      result_count: result.length,
      is_partial_response: isPartial,
    })
  }
}

answerParent({
  prepare,
  ahead: () => compileAhead?.(),
  once: call,
  repeat: ({ ms }: { ms: number }) => repeat(call, ms),
  delays: ({ ms }: { ms: number }) => watchDelays(call, ms),
})
