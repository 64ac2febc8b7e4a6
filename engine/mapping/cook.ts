import { createHash } from 'node:crypto'
import type { FieldSpec, JsonSchema } from '../definition/catalog.ts'
import { type Compiled, compileRecipe, type Made } from '../expression/index.ts'
import { Lru } from '../expression/lru.ts'
import { recipeOf } from './recipe.ts'
import { shapeOf } from './shape.ts'

/** How records of some fields are made: by one function, or field by field and why. */
export type Way = Made | { readonly reason: string }

/** How many functions are remembered. */
const KEPT = 500

const ways = new Lru<string, Way>(KEPT)

/**
 * The one function that makes whole records of these fields, in the form of the schema. Fields of the same content share it,
 * whichever catalog or account they belong to.
 */
export function wayOf(specs: ReadonlyMap<string, FieldSpec>, schema: JsonSchema): Way {
  const content = JSON.stringify([schema, [...specs]], plainly)
  return ways.getOrMake(createHash('sha256').update(content).digest('base64'), () => {
    const recipe = recipeOf(specs, shapeOf(schema))
    return 'reason' in recipe ? recipe : compileRecipe(recipe)
  })
}

/** The one function that decides all conditions over a record: an object of booleans, by place. */
export function conditionsOf(conditions: readonly Compiled[]): Way {
  const members = conditions.map((condition, at) => ({
    name: String(at),
    isInner: false,
    recipe: {
      kind: 'rules',
      rules: [{ if: condition, gives: true }],
      otherwise: { kind: 'const', value: false },
    } as const,
  }))
  return compileRecipe({ kind: 'object', from: undefined, members, isNullable: false, conform: undefined })
}

/** Leaves out what does not decide what a field comes to, and writes tables out. */
function plainly(name: string, value: unknown): unknown {
  if (name === 'address' || name === 'layer') return undefined
  return value instanceof Map ? [...value] : value
}
