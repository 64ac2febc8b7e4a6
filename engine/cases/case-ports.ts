import { EngineError } from '../errors.ts'
import { MemoryBudget } from '../execute/memory-budget.ts'
import type { Ports } from '../ports.ts'
import { Secret } from '../secret.ts'

/** The instant at which cases run that name none. */
const DEFAULT_NOW = '2026-06-01T00:00:00Z'

/** Ports for one case: its tape for a network, a clock that jumps instead of waiting, and nothing random. */
export function casePorts(
  transport: Ports['transport'],
  credentials: Readonly<Record<string, string>>,
  now: string = DEFAULT_NOW,
  app: Readonly<Record<string, string>> = {},
): Ports {
  let time = Date.parse(now)
  const clock: Ports['clock'] = {
    now: () => time,
    sleep: (ms) => {
      time += ms
      return Promise.resolve()
    },
  }
  return {
    transport,
    clock,
    random: { next: () => 0.5, id: (length = 16) => 'c'.repeat(length) },
    budget: new MemoryBudget(clock),
    credentials: { load: () => Promise.resolve(new Secret(credentials)) },
    apps: { load: () => Promise.resolve(new Secret(app)) },
    cursors: { seal: (state) => JSON.stringify(state), open: openCursor },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    meter: { count: ignore, observe: ignore },
  }
}

const ignore = (): void => undefined

function openCursor(cursor: string): unknown {
  try {
    return JSON.parse(cursor)
  } catch (cause) {
    throw new EngineError('invalid_cursor', 'The cursor of the case is none of an earlier answer', { cause })
  }
}
