import { EngineError, type IsolatedCell, type IsolatedResult } from '../../engine/index.ts'

/** Characters that one message may have, either way. */
export const MOST_CHARACTERS = 33_554_432

/** What the isolate says before it evaluates the first cell of a batch: its time begins. */
export const BEGUN = 'begun'

/**
 * A batch as it goes into the isolate. Cells name records and values of variables by place, and objects that are records
 * name their members by place, so that each travels once; -1 for none.
 */
export interface BatchMessage {
  readonly values: readonly unknown[]
  readonly records: readonly (number | Readonly<Record<string, number>>)[]
  readonly cells: readonly (readonly [
    source: string,
    scope: readonly string[],
    record: number,
    variables: Readonly<Record<string, number>>,
  ])[]
}

/** What the isolate says of one cell: no member for no value. */
export interface CellMessage {
  readonly value?: unknown
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly hint?: string | undefined
    readonly cause?: unknown
  }
}

/** Remembers values by identity, each with its place. */
class Places {
  readonly values: unknown[] = []
  readonly #known = new Map<unknown, number>()

  of(value: unknown): number {
    if (value === undefined) return -1
    const place = this.#known.get(value) ?? this.values.push(value) - 1
    this.#known.set(value, place)
    return place
  }
}

/** An object by the places of its members: many records may hold the same one. */
function membersOf(record: unknown, values: Places): number | Record<string, number> {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return values.of(record)
  const members = Object.entries(record).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members.map(([name, value]) => [name, values.of(value)]))
}

/** The text of a batch. Throws EngineError expression_limit where it is longer than a message may be. */
export function writeBatch(cells: readonly IsolatedCell[]): string {
  const [values, records] = [new Places(), new Places()]
  const written = cells.map(({ source, scope, record, variables }): BatchMessage['cells'][number] => {
    const given = Object.entries(variables).map(([name, value]) => [name, values.of(value)])
    return [source, scope, records.of(record), Object.fromEntries(given)]
  })
  const whole = records.values.map((record) => membersOf(record, values))
  const message: BatchMessage = { values: values.values, records: whole, cells: written }
  const text = JSON.stringify(message)
  if (text.length <= MOST_CHARACTERS) return text
  throw new EngineError(
    'expression_limit',
    `A batch of ${cells.length} expressions of a tenant is larger than allowed`,
    {
      hint: `Records and variables of one page may have ${MOST_CHARACTERS} characters as JSON: ask for fewer records.`,
    },
  )
}

/** The results that an isolate answered. What it says is not trusted: anything odd throws TypeError. */
export function readResults(text: unknown, count: number): IsolatedResult[] {
  if (typeof text !== 'string' || text.length > MOST_CHARACTERS * 2) throw new TypeError('An isolate answered no text')
  const results: unknown = JSON.parse(text)
  if (!Array.isArray(results) || results.length !== count) throw new TypeError('An isolate answered too few results')
  return results.map((result: CellMessage) => {
    if (typeof result !== 'object' || result === null) throw new TypeError('An isolate answered no result')
    if (result.error === undefined) return { value: result.value }
    const { code, message, hint, cause } = result.error
    const isLimit = code === 'expression_limit'
    const details = { hint: hint === undefined ? undefined : String(hint), cause }
    return { error: new EngineError(isLimit ? 'expression_limit' : 'expression_failed', String(message), details) }
  })
}
