import type { Cell, CellResult } from '../expression/index.ts'
import type { Work } from '../mapping/index.ts'
import type { ExpressionIsolate, IsolatedCell } from '../ports.ts'

/** Does work whose expressions of tenants are evaluated apart; `owner` is whose they are. Throws as the isolate does. */
export async function workedApart<T>(work: Work<T>, owner: string, isolate: ExpressionIsolate): Promise<T> {
  let step = work.next()
  while (step.done !== true) step = work.next(await evaluateApart(step.value, owner, isolate))
  return step.value
}

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
