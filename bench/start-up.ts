import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench, Figure, Measures, Rig } from './harness/bench.ts'
import { processScript, start } from './harness/child.ts'
import { COLD_START, WARM_START } from './harness/goals.ts'
import { type Installation, install } from './harness/installation.ts'
import { Closing } from './harness/rig.ts'
import { startServer } from './harness/server.ts'

const PROVIDERS = 20

async function startOnce(installation: Installation, data?: string): Promise<Measures> {
  const server = await startServer(installation, { keptData: data })
  await server.close()
  return { ready: server.readyMs }
}

/** Until a process that imports the libraries alone answers. */
async function importOnce(): Promise<Measures> {
  const from = performance.now()
  const child = start({ script: processScript('libraries') })
  await child.ask('ready')
  const ready = performance.now() - from
  await child.close()
  return { ready }
}

function startUp(name: string, figure: Figure, keepsData: boolean): Bench {
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    return closing.guard(async () => {
      const installation = closing.add(install({ providers: PROVIDERS }), (one) => one.remove())
      const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })
      const data = keepsData ? closing.add(mkdtempSync(join(tmpdir(), 'onefold-bench-data-')), remove) : undefined
      if (data !== undefined) await startOnce(installation, data)
      return {
        note: `${installation.integrations.length} providers`,
        subject: () => startOnce(installation, data),
        floor: importOnce,
        close: () => closing.close(),
      }
    })
  }
  return { name, isWarmed: false, figures: [figure], open }
}

/** From the start of the process until it serves, against importing the libraries alone. */
export const startUpBenches: readonly Bench[] = [
  startUp('start-up', COLD_START, false),
  startUp('start-up-again', WARM_START, true),
]
