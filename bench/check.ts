import type { Bench, Measures, Rig } from './harness/bench.ts'
import { CHECK } from './harness/goals.ts'
import { Closing, startProcess } from './harness/rig.ts'
import type { Repeated } from './harness/usage.ts'

/** One call in a process of its own, as the command line makes it: nothing is remembered from an earlier one. */
async function once(side: 'check' | 'parse'): Promise<Measures> {
  const closing = new Closing()
  try {
    const child = startProcess(closing, 'check')
    await child.ask('prepare')
    const { cpuMs, calls } = await child.ask<Repeated>('repeat', { side, ms: 0 })
    return { cpu: cpuMs / calls }
  } finally {
    await closing.close()
  }
}

/** The check of all definitions without their cases, against parsing their YAML. */
export const checkBench: Bench = {
  name: 'check',
  isWarmed: false,
  figures: [CHECK],
  open: (): Promise<Rig> =>
    Promise.resolve({
      note: 'all definitions without cases, a process for each round',
      subject: () => once('check'),
      floor: () => once('parse'),
      close: () => Promise.resolve(),
    }),
}
