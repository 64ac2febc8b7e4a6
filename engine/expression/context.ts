import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import vm from 'node:vm'
import { GLUE, type Glue, type Host, START } from './glue.ts'
import { FUNCTIONS } from './library/index.ts'
import type { Limits } from './limits.ts'

/** One isolated place where JSONata runs. A `stopped` context is of no further use. */
export interface Context {
  readonly glue: Glue
  /** Does the queued work; answers whether the time limit ended it. Without a limit only JSONata's own checks hold. */
  run(timeoutMs: number | undefined): 'finished' | 'stopped'
}

const path = createRequire(import.meta.url).resolve('jsonata')
const library = new vm.Script(readFileSync(path, 'utf8'), { filename: 'jsonata.js' })
const glueScript = new vm.Script(GLUE, { filename: 'glue.js' })
const startScript = new vm.Script(START, { filename: 'start.js' })

const host: Host = {
  encodeBase64: (text) => Buffer.from(text, 'binary').toString('base64'),
  decodeBase64: (text) => Buffer.from(text, 'base64').toString('binary'),
  implementations: new Map([...FUNCTIONS].map(([name, { implementation }]) => [name, implementation])),
  arities: new Map([...FUNCTIONS].map(([name, { arity }]) => [name, arity])),
}

/**
 * Makes a context with the unmodified jsonata package inside. It has no globals but JavaScript's own, cannot make code
 * from text, and runs its promises to the end before a script returns: that is what makes evaluation synchronous.
 * Its regular expressions are native, so only checked definitions may hold them; expressions of tenants need another engine.
 */
export function createContext(limits: Limits): Context {
  const context = vm.createContext(Object.create(null), {
    microtaskMode: 'afterEvaluate',
    codeGeneration: { strings: false, wasm: false },
  })
  library.runInContext(context)
  const makeGlue = glueScript.runInContext(context) as (options: object, host: Host) => Glue
  const options = { timeout: limits.timeoutMs, stack: limits.stack, sequence: limits.sequence }
  return { glue: makeGlue(options, host), run: (timeoutMs) => run(context, timeoutMs) }
}

function run(context: vm.Context, timeoutMs: number | undefined): 'finished' | 'stopped' {
  try {
    startScript.runInContext(context, timeoutMs === undefined ? {} : { timeout: timeoutMs })
    return 'finished'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'stopped'
    throw error
  }
}
