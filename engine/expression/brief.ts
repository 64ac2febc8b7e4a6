import { EngineError } from '../errors.ts'
import type { Run } from './compiled.ts'
import type { Cell, CellResult, Compiled } from './contract.ts'
import { stopped, toEngineError } from './failure.ts'
import type { Program } from './interpreter.ts'
import { BRIEF } from './limits.ts'

/** Variables whose values stay in this process. */
const SECRET: ReadonlySet<string> = new Set(['app', 'credentials', 'secret'])

/** Whether an expression sees what may not leave the process. */
export const readsSecrets = ({ variables }: Compiled): boolean => variables.some((name) => SECRET.has(name))

/** Evaluates what is not trusted in this process: compiled only, and with the brief allowance. */
export function evaluateBriefly(
  { expression, record, variables = {} }: Cell,
  run: Run | undefined,
  program: Program,
): CellResult {
  const { source, reason } = expression
  const outcome = run?.(record, variables, BRIEF)
  if (outcome === undefined) return { error: refused('expression_limit', source, `it does not compile: ${reason}`) }
  if (outcome === 'odd')
    return { error: refused('expression_failed', source, 'it fails, or does more than is allowed') }
  if (outcome === 'exhausted') return { error: stopped(source) }
  if ('limit' in outcome) return { error: toEngineError(outcome.limit, { ...program, record, variables }) }
  return outcome
}

/** A failure with the address of the slot that it is of. */
export const errorAt = ({ code, message, details }: EngineError, where: string | undefined): EngineError =>
  new EngineError(code, message, { ...details, where })

function refused(code: 'expression_failed' | 'expression_limit', source: string, why: string): EngineError {
  const hint = 'Where credentials are seen, an expression of an added folder is short: look-ups, texts and conditions.'
  return new EngineError(code, `\`${source}\` cannot be evaluated here: ${why}`, { hint })
}
