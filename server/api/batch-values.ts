import { type Compiled, compileTemplate, EngineError } from '../../engine/index.ts'

/** What expressions of a part read: `args`, `resources` by name, in a loop `item` and `index`. */
export type Scene = Readonly<Record<string, unknown>>

/** A value whose expressions are compiled. */
export interface ValueTemplate {
  /** Names of the parts that it reads, as far as its text tells. */
  readonly reads: readonly string[]
  /** What there is to evaluate; a literal has nothing. They know their place, and are evaluated apart from the process. */
  readonly expressions: readonly Compiled[]
  /**
   * The value with every expression in its place. Throws invalid_body where one fails or has no value, expression_limit
   * where one does too much.
   */
  fill(scene: Scene): unknown
}

/** Where a value stands and what counts against its batch. */
export interface Place {
  /** JSON pointer in the body. */
  readonly where: string
  /** Whether there are `item` and `index`. */
  readonly isLoop: boolean
  readonly tally: Tally
  /** Whether an expression without a value gives undefined instead of a failure; not so below the value. */
  readonly mayMiss?: boolean | undefined
}

/** How many expressions one batch has. */
export interface Tally {
  expressions: number
}

const MOST_EXPRESSIONS = 200
const MOST_CHARACTERS = 4_000
const OPEN = '{{'

/** Compiles the expressions in all texts of a value, however deep. Throws invalid_body. */
export function compileValue(value: unknown, place: Place): ValueTemplate {
  if (typeof value === 'string') return compileText(value, place)
  if (typeof value !== 'object' || value === null) return literal(value)
  const entries = Object.entries(value).map(
    ([name, item]) =>
      [name, compileValue(item, { ...place, where: `${place.where}/${escaped(name)}`, mayMiss: false })] as const,
  )
  const expressions = entries.flatMap(([, template]) => template.expressions)
  if (expressions.length === 0) return literal(value)
  const reads = [...new Set(entries.flatMap(([, template]) => template.reads))]
  const fill = Array.isArray(value)
    ? (scene: Scene): unknown => entries.map(([, template]) => template.fill(scene))
    : (scene: Scene): unknown => Object.fromEntries(entries.map(([name, template]) => [name, template.fill(scene)]))
  return { reads, expressions, fill }
}

/** A text is filled to a text, and one that is a single expression to whatever value that has. */
function compileText(source: string, place: Place): ValueTemplate {
  if (!source.includes(OPEN)) return literal(source)
  const template = templateOf(source, place)
  const [only] = template.parts
  if (template.isLiteral) return literal(template.render(undefined, {}))
  const evaluate =
    template.parts.length === 1 && typeof only === 'object'
      ? (scene: Scene): unknown => only.evaluate(scene)
      : (scene: Scene): unknown => template.render(scene, {})
  return { ...expressionsOf(template.parts, place), fill: guarded(source, place, evaluate) }
}

/** A text in which each value fills one segment of a path, percent-encoded. Throws invalid_body. */
export function compilePath(source: string, place: Place): ValueTemplate {
  if (!source.includes(OPEN)) return literal(source)
  const template = templateOf(source, place)
  const encode = (value: string): string => {
    if (value !== '') return encodeURIComponent(value)
    throw new EngineError('expression_failed', 'A part of the path is empty')
  }
  const fill = guarded(source, place, (scene) => template.render(scene, {}, encode))
  return { ...expressionsOf(template.parts, place), fill }
}

const literal = (value: unknown): ValueTemplate => ({ reads: [], expressions: [], fill: () => value })

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

function templateOf(source: string, { where, tally }: Place) {
  if (source.length > MOST_CHARACTERS) {
    throw refused(where, `a text with expressions has at most ${MOST_CHARACTERS} characters`)
  }
  const result = compileTemplate(source, [], where)
  if ('problems' in result) {
    const told = result.problems.map(({ message, offset }) => `${message} (at ${offset})`).join('; ')
    throw refused(where, told, { hint: result.problems[0]?.hint, valid: result.problems[0]?.valid })
  }
  for (const part of result.template.parts) {
    if (typeof part === 'string' || part.backend !== 'interpreter') continue
    throw refused(where, `an expression of a batch must compile: ${part.reason ?? 'this one does not'}`, {
      hint: 'Write regular expressions without nested repetition, or do this step on your side.',
    })
  }
  tally.expressions += result.template.parts.filter((part) => typeof part !== 'string').length
  if (tally.expressions > MOST_EXPRESSIONS) {
    throw refused(where, `a batch has at most ${MOST_EXPRESSIONS} expressions`)
  }
  return result.template
}

/** Expressions and the parts that they name; a first step that is none of ours is a slip of the pen. Throws invalid_body. */
function expressionsOf(parts: readonly (string | Compiled)[], { where, isLoop }: Place) {
  const valid = isLoop ? ['args', 'resources', 'item', 'index'] : ['args', 'resources']
  const expressions = parts.filter((part) => typeof part !== 'string')
  const paths = expressions.flatMap((expression) => expression.paths)
  const reads = paths.flatMap((path) => {
    const [root = '', name] = path.match(/`[^`]*`|[^.`]+/g) ?? []
    if (path !== '*' && !valid.includes(root)) throw refused(where, `there is no \`${root}\` here`, { valid })
    return root === 'resources' && name !== undefined ? [name.replaceAll('`', '')] : []
  })
  return { reads, expressions }
}

function guarded(source: string, { where, mayMiss }: Place, evaluate: (scene: Scene) => unknown) {
  return (scene: Scene): unknown => {
    const value = attempt(where, () => evaluate(scene))
    if (value === undefined && mayMiss !== true) throw refused(where, `${shortened(source)} has no value`)
    return value
  }
}

/** An expression of the caller's own that fails is a fault of the body. */
function attempt(where: string, evaluate: () => unknown): unknown {
  try {
    return evaluate()
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    const { code, message, details } = thrown
    if (code === 'expression_limit') throw new EngineError(code, `${where}: ${message}`, { ...details, where })
    throw refused(where, message, { hint: details.hint, cause: thrown })
  }
}

const shortened = (source: string): string => (source.length > 120 ? `${source.slice(0, 119)}…` : source)

function refused(where: string, message: string, details: object = {}): EngineError {
  return new EngineError('invalid_body', `${where}: ${message}`, { ...details, where })
}
