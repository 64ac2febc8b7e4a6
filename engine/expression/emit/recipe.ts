import type { Node } from '../ast.ts'
import type { Compiled } from '../contract.ts'
import type { ConstRecipe, ObjectRecipe, Recipe, TableRecipe } from '../recipe.ts'
import { type Code, type Ground, literal, type Output, type Place, Unit } from './code.ts'
import type { Emitter } from './nodes.ts'
import { Share } from './share.ts'
import { frameOf } from './variables.ts'

/** The syntax tree of an expression and the names of the variables that it may use. */
export type TreeOf = (expression: Compiled) => { readonly tree: Node; readonly scope: ReadonlySet<string> }

/** A whole expression, with the names that it binds. */
export function emitWhole(emitter: Emitter, place: Place): Code {
  const { tree } = place.ground
  const { names, reset } = frameOf([tree], place)
  const code = emitter.emit(tree, { ...place, scope: { names, outer: undefined } })
  return reset.length === 0 ? code : { ...code, js: `(${[...reset, code.js].join(',')})` }
}

/** A record in the generated code, and what the expressions over it share. */
interface Scene {
  readonly record: string
  readonly input: string
  readonly unit: Unit
  readonly given: ReadonlyMap<string, string>
  readonly share: Share
}

/** What is made over an inner record before the object around it, and in its place when that record is missing. */
interface Gate {
  readonly inner: Scene
  readonly within: string[]
  readonly empty: string[]
}

/** Writes one function for all that is made of a record. */
export class RecipeWriter {
  readonly #emitter: Emitter
  readonly #out: Output
  readonly #treeOf: TreeOf

  constructor(emitter: Emitter, out: Output, treeOf: TreeOf) {
    this.#emitter = emitter
    this.#out = out
    this.#treeOf = treeOf
  }

  /** The object made of the function's own record, and the statements that make its members: each is lost by itself. */
  record(recipe: ObjectRecipe, unit: Unit): { readonly statements: string; readonly result: string } {
    const scene = this.#scene('record', 'i', unit, new Map())
    if (recipe.from !== undefined || recipe.isNullable || recipe.conform !== undefined)
      return { statements: '', result: begun(scene, this.#object(recipe, scene)) }
    const attempts: string[] = []
    const members = this.#members(recipe.members, scene).map(([name, js]) => {
      if (/^(?:null|x\d+)$/.test(js)) return [name, js] as const
      const local = unit.local(this.#out.fresh('x'))
      attempts.push(`try{${local}=${js}}catch{${local}=${this.#out.call('lost', literal(name))}}`)
      return [name, local] as const
    })
    const [made = '', ...before] = scene.share.around(attempts.join('')).reverse()
    return {
      statements: `${before
        .reverse()
        .map((js) => `${js};`)
        .join('')}${made}`,
      result: objectOf(members),
    }
  }

  #scene(record: string, input: string, unit: Unit, given: ReadonlyMap<string, string>): Scene {
    return { record, input, unit, given, share: new Share(unit, this.#out, [input, record, ...given.values()]) }
  }

  #code(expression: Compiled, { record, input, unit, given, share }: Scene): Code {
    const { tree, scope } = this.#treeOf(expression)
    const ground: Ground = { tree, scope, record, given, share }
    return emitWhole(this.#emitter, {
      ground,
      input,
      isRoot: true,
      isFlat: true,
      scope: undefined,
      unit,
      out: this.#out,
    })
  }

  /** The value of an expression as plain JSON; undefined when missing. */
  #plain(code: Code): string {
    if (isPlain(code)) return code.js
    return this.#out.call(!code.isFlat ? 'plain' : code.isOnce === true ? 'asIs' : 'flat', code.js)
  }

  #any(recipe: Recipe, scene: Scene): string {
    switch (recipe.kind) {
      case 'value':
        return this.#value(recipe, scene)
      case 'const':
      case 'table':
        return this.#tableOrConst(recipe, scene)
      case 'rules':
        return this.#rules(recipe, scene)
      case 'each':
        return this.#each(recipe, scene)
      case 'object':
        return this.#object(recipe, scene)
    }
  }

  #value({ from, conform }: Extract<Recipe, { kind: 'value' }>, scene: Scene): string {
    if (conform !== undefined) return `${this.#out.constant(conform)}(${this.#plain(this.#code(from, scene))})`
    const code = this.#code(from, scene)
    if (isPlain(code)) return code.kind === 'leaf' ? this.#out.call('orNull', code.js) : code.js
    return this.#out.call(!code.isFlat ? 'plainOrNull' : code.isOnce === true ? 'asIsOrNull' : 'flatOrNull', code.js)
  }

  #tableOrConst(recipe: ConstRecipe | TableRecipe, scene: Scene): string {
    if (recipe.kind === 'const') return this.#constant(recipe.value)
    const map = this.#out.constant(recipe.map)
    const value = this.#plain(this.#code(recipe.from, scene))
    const [absent, { otherwise }] = [this.#constant(recipe.absent), recipe]
    if (otherwise === undefined) return this.#out.call('listed', map, value, absent)
    return this.#out.call('listedOr', map, value, absent, literal(otherwise.field), this.#constant(otherwise.gives))
  }

  #constant(value: unknown): string {
    if (typeof value !== 'object' || value === null) return literal(value ?? null)
    return this.#out.call('plain', this.#out.constant(value))
  }

  #rules({ rules, otherwise }: Extract<Recipe, { kind: 'rules' }>, scene: Scene): string {
    const last = this.#tableOrConst(otherwise, scene)
    return rules.reduceRight((rest, rule) => {
      const { js, kind } = this.#code(rule.if, scene)
      const test = kind === 'boolean' ? js : this.#out.call('truth', js)
      return `(${test}?${this.#constant(rule.gives)}:${rest})`
    }, last)
  }

  #each({ from, item }: Extract<Recipe, { kind: 'each' }>, scene: Scene): string {
    const [record, index] = [this.#out.fresh('x'), this.#out.fresh('x')]
    const unit = new Unit(true)
    const input = unit.local(this.#out.fresh('i'))
    const given = new Map([...scene.given, ['parent', scene.record], ['item', record], ['index', index]])
    const inner = this.#scene(record, input, unit, given)
    const made = begun(inner, this.#object(item, inner), `${input}=${this.#out.call('inputOf', record)}`)
    const code = this.#code(from, scene)
    const isOwn = code.isFlat && code.isOnce === true
    const items = isOwn ? this.#out.call('itemsOf', code.js) : this.#plain(code)
    return this.#out.call('eachOf', items, String(unit.cost), unit.wrap(`${record},${index}`, made))
  }

  #object(recipe: ObjectRecipe, scene: Scene, gate?: Gate): string {
    const { from, members } = recipe
    if (from === undefined) return this.#ended(recipe, this.#members(members, scene, gate), scene.unit)
    const { unit } = scene
    const [record, input] = [unit.local(this.#out.fresh('x')), unit.local(this.#out.fresh('i'))]
    const inner = this.#scene(record, input, unit, new Map([...scene.given, ['parent', scene.record]]))
    const code = this.#code(from, scene)
    const value = code.isFlat && code.isOnce === true ? this.#out.call('recordOf', code.js) : this.#plain(code)
    const test = `(${record}=${value})===U||${record}===null`
    const start = `${input}=${this.#out.call('inputOf', record)}`
    if (members.every(({ isInner }) => isInner)) {
      const made = this.#ended(recipe, this.#members(members.map(asOwn), inner), unit)
      return `(${test}?null:${begun(inner, made, start)})`
    }
    // members over both records: those of the inner one are made first, if it is there
    const both: Gate = { inner, within: [], empty: [] }
    const made = this.#ended(recipe, this.#members(members, scene, both), unit)
    const within = begun(inner, both.within.join(',') || 'U', start)
    return `((${test}?(${both.empty.join(',') || 'U'}):${within}),${made})`
  }

  #members(members: ObjectRecipe['members'], scene: Scene, gate?: Gate): (readonly [string, string])[] {
    return members.map(({ name, isInner, recipe }) => {
      if (gate !== undefined && isInner) return [name, this.#within(recipe, scene.unit, gate)] as const
      return [name, recipe.kind === 'object' ? this.#object(recipe, scene, gate) : this.#any(recipe, scene)] as const
    })
  }

  /** A local for what is made over the inner record. */
  #within(recipe: Recipe, unit: Unit, { inner, within, empty }: Gate): string {
    const local = unit.local(this.#out.fresh('x'))
    within.push(`${local}=${this.#any(recipe, inner)}`)
    empty.push(`${local}=null`)
    return local
  }

  /** The object of its members, null when all of them are and it may be. */
  #ended(recipe: ObjectRecipe, members: readonly (readonly [string, string])[], unit: Unit): string {
    if (recipe.conform !== undefined) return `${this.#out.constant(recipe.conform)}(${objectOf(members)})`
    if (!recipe.isNullable) return objectOf(members)
    const taken = members.map(([name, js]) => {
      const local = js === 'null' || /^x\d+$/.test(js) ? js : unit.local(this.#out.fresh('x'))
      return { name, local, set: local === js ? [] : [`${local}=${js}`] }
    })
    const tests = taken.filter(({ local }) => local !== 'null').map(({ local }) => `${local}===null`)
    if (tests.length === 0) return 'null'
    const made = objectOf(taken.map(({ name, local }) => [name, local] as const))
    return `(${[...taken.flatMap(({ set }) => set), `${tests.join('&&')}?null:${made}`].join(',')})`
  }
}

/** Whether a value needs no copy to be plain JSON. */
const isPlain = ({ kind }: Code): boolean => kind !== 'any' && kind !== 'number'

/** A member of an object of which all are made over its own record. */
const asOwn = (member: ObjectRecipe['members'][number]) => ({ ...member, isInner: false })

const objectOf = (members: readonly (readonly [string, string])[]): string =>
  `{${members.map(([name, js]) => `${literal(name)}:${js}`).join(',')}}`

/** What the expressions share is made before the rest. */
function begun({ share }: Scene, made: string, start?: string): string {
  return `(${[...(start === undefined ? [] : [start]), ...share.around(made)].join(',')})`
}
