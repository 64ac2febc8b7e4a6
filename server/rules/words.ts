import {
  type Compiled,
  type CompiledTemplate,
  EngineError,
  type ExpressionIsolate,
  type IsolatedResult,
} from '../../engine/index.ts'
import type { JsonObject } from '../stores/index.ts'

/** One expression over one event. */
export interface Ask {
  readonly expression: Compiled
  readonly event: JsonObject
  readonly variables?: JsonObject | undefined
}

/** A text to be made of an event. */
export interface TextAsk {
  readonly template: CompiledTemplate
  /** What becomes of each value in it. */
  readonly escaping: (value: string) => string
}

/** Amounts are written as people read them. */
const MONEY = Object.freeze({ form: 'decimal' })

/** Evaluates what rules say, apart from the process: no environment, no credentials, bounded time and memory. */
export class RuleWords {
  readonly #isolate: ExpressionIsolate

  constructor(isolate: ExpressionIsolate) {
    this.#isolate = isolate
  }

  /** The values, in the order of the asks. Throws expression_failed, expression_limit or overloaded. */
  async values(environmentId: string, asks: readonly Ask[]): Promise<readonly unknown[]> {
    if (asks.length === 0) return []
    const cells = asks.map(({ expression, event, variables = {} }) => ({
      source: expression.source,
      scope: expression.variables,
      record: event,
      variables: { ...variables, money_form: MONEY },
    }))
    const results = await this.#isolate.evaluate(`rules of ${environmentId}`, cells)
    return results.map(settledValue)
  }

  /** Texts; a value that is missing is left empty. Throws as `values`. */
  async texts(
    environmentId: string,
    asks: readonly TextAsk[],
    event: JsonObject,
    variables: JsonObject,
  ): Promise<readonly string[]> {
    const parts = asks.flatMap(({ template }) => template.parts.filter((part) => typeof part !== 'string'))
    const values = [
      ...(await this.values(
        environmentId,
        parts.map((expression) => ({ expression, event, variables })),
      )),
    ]
    return asks.map(({ template, escaping }) =>
      template.parts.map((part) => (typeof part === 'string' ? part : textOf(values.shift(), part, escaping))).join(''),
    )
  }
}

function settledValue(result: IsolatedResult): unknown {
  if ('error' in result) throw result.error
  return result.value
}

function textOf(value: unknown, { source }: Compiled, escaping: (value: string) => string): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return escaping(String(value))
  throw new EngineError('expression_failed', `\`{{ ${source} }}\` gives an object or a list, which is not one text`, {
    hint: 'Choose one field of it, or join a list with $join.',
  })
}

/** Whether a value counts as true, as JSONata's `$boolean` reads it. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTrue)
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
}
