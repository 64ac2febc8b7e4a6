import { compileAhead } from '../engine/index.ts'
import type { Services } from './api/context.ts'
import { createPause } from './pause.ts'

/** A start is over by then; what comes ahead of the first calls must not make it longer. */
const AFTER_MS = 1_000

/**
 * Does what the first calls would have to wait for, a moment after the start: loads what speaks MCP, and compiles the mappings
 * of every integration that has an account, the sandbox's apart. Calls that come sooner do so themselves. The answer ends it.
 */
export function beginAhead(services: Services): () => void {
  const over = new AbortController()
  const timer = setTimeout(() => void workAhead(services, over.signal), AFTER_MS)
  timer.unref()
  return () => {
    clearTimeout(timer)
    over.abort()
  }
}

async function workAhead(services: Services, signal: AbortSignal): Promise<void> {
  const { engine, log } = services
  try {
    await import('./mcp/handler.ts')
    const catalog = engine.catalog()
    const pause = createPause()
    for (const integration of catalog.integrations.keys()) {
      if (signal.aborted || !(await isConnected(services, integration))) continue
      await compileAhead(catalog, integration, { pause, signal })
    }
  } catch (err) {
    if (!signal.aborted) log.error({ err }, 'what the first calls need could not be made ahead; they make it')
  }
}

async function isConnected({ stores, sandboxEnvironment }: Services, integration: string): Promise<boolean> {
  for (const { id } of await stores.environments.list()) {
    if (id === sandboxEnvironment) continue
    const { result } = await stores.accounts.list(id, { integration, limit: 1 })
    if (result.length > 0) return true
  }
  return false
}
