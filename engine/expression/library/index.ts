import { EngineError } from '../../errors.ts'
import type { LibraryFunction } from './contract.ts'
import { MONEY } from './money.ts'
import { SHAPE } from './shape.ts'
import { TEXT } from './text.ts'
import { TIME } from './time.ts'

const VARIADIC = new Set(['firstNonEmpty'])

/** The functions that definitions have beside JSONata's own, by name without `$`, in alphabetical order. */
export const FUNCTIONS: ReadonlyMap<string, LibraryFunction> = new Map(
  [...MONEY, ...TIME, ...SHAPE, ...TEXT]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => [entry.name, Object.freeze({ ...entry, implementation: counted(entry) })]),
)

/** Refuses surplus arguments, which JSONata would drop without a word. */
function counted({ name, arity, signature, implementation }: LibraryFunction): LibraryFunction['implementation'] {
  if (VARIADIC.has(name)) return implementation
  return (args, hidden) => {
    if (args.length <= arity) return implementation(args, hidden)
    throw new EngineError('invalid_parameter', `it takes ${arity} arguments at most, not ${args.length}`, {
      hint: `Write ${signature}.`,
    })
  }
}
