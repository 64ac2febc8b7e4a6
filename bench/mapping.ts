import type { Bench, Measures, Rig } from './harness/bench.ts'
import { mappingFigures } from './harness/goals.ts'
import { Closing, startProcess } from './harness/rig.ts'
import type { Repeated } from './harness/usage.ts'

/** A compiled mapping beside the same by hand, by hand and fast, and by the jsonata package: all in one process. */
function mapping(name: string, what: string): Bench {
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    return closing.guard(async () => {
      const child = startProcess(closing, 'mapping')
      await child.ask('prepare', name)
      const cpuOf = async (side: string, ms: number): Promise<number> => {
        const { cpuMs, calls } = await child.ask<Repeated>('repeat', { side, ms })
        return cpuMs / calls
      }
      return {
        note: 'a page of 100, equal outputs',
        subject: async ({ roundMs }): Promise<Measures> => {
          const compiled = await cpuOf('compiled', roundMs)
          return { plain: compiled, best: compiled, jsonata: compiled }
        },
        floor: async ({ roundMs }): Promise<Measures> => ({
          plain: await cpuOf('plain', roundMs),
          best: await cpuOf('best', roundMs),
          jsonata: await cpuOf('jsonata', roundMs),
        }),
        close: () => closing.close(),
      }
    })
  }
  return { name: `mapping-${name}`, isWarmed: true, figures: mappingFigures(what), open }
}

/** Compiled mappings against what a person would write, and against the interpreter. */
export const mappingBenches: readonly Bench[] = [
  mapping('payment', 'payments'),
  mapping('customer', 'customers'),
  mapping('invoice', 'invoices with lines'),
]
