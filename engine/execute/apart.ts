import { type Cell, type CellResult, evaluateAll } from '../expression/index.ts'
import type { Work } from '../mapping/index.ts'
import type { ExpressionIsolate, IsolatedCell, Ports } from '../ports.ts'

/**
 * Does work with pauses for others. Expressions of tenants are evaluated apart, where there is such a place; `owner` is whose
 * they are. Throws as the isolate does.
 */
export async function worked<T>(
  work: Work<T>,
  owner: string,
  { isolate, pause }: Pick<Ports, 'isolate' | 'pause'>,
): Promise<T> {
  let step = work.next()
  while (step.done !== true) {
    const cells = step.value
    if (cells.length > 0) {
      step = work.next(isolate === undefined ? evaluateAll(cells) : await evaluateApart(cells, owner, isolate))
      continue
    }
    const others = pause?.()
    if (others !== undefined) await others
    step = work.next(NONE)
  }
  return step.value
}

const NONE: readonly CellResult[] = []

const evaluateApart = (
  cells: readonly Cell[],
  owner: string,
  isolate: ExpressionIsolate,
): Promise<readonly CellResult[]> => isolate.evaluate(owner, cells.map(isolated))

/** The provider's money form is no variable of the language, and every evaluation needs it. */
const HIDDEN = 'money_form'

/** A cell as plain data, with no more than its expression uses. */
function isolated({ expression, record, variables = {} }: Cell): IsolatedCell {
  const given = [...expression.variables, HIDDEN].filter((name) => Object.hasOwn(variables, name))
  return {
    source: expression.source,
    scope: expression.variables,
    record,
    variables: Object.fromEntries(given.map((name) => [name, variables[name]])),
  }
}
