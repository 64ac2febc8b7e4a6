import type { Node } from '../ast.ts'
import type { HelperName } from '../run/helpers.ts'

/** JavaScript that gives the value of a node, and what is known of that value. */
export interface Code {
  readonly js: string
  /** Neither it nor anything inside it is a sequence, except that it may be one of such values. */
  readonly isFlat: boolean
  /** `leaf` is a text, a finite number, true, false, null or missing. */
  readonly kind: 'any' | 'leaf' | 'boolean' | 'string' | 'number' | 'null'
  /** Whether it is data of the record or of a variable that stands in it once at most: no larger than where it comes from. */
  readonly isOnce?: boolean
  /** Whether the node that it is the value of still has to collapse it. */
  readonly isRaw?: boolean
  /** The collapsed value, where there is a cheaper way to it. */
  readonly collapsed?: string
}

/** A variable of the expression as one of the JavaScript; `isSet` when code written from here on runs after its binding. */
export interface Binding {
  readonly js: string
  isSet: boolean
  /** Whether nothing else binds the name. */
  readonly isOnly?: boolean
  /** What its only value is known to be. */
  kind?: Code['kind']
}

/** Where names are looked up: what blocks and lambdas bind, or the names of a path (`@`, `#`, `%`) in a tuple. */
export type Scope =
  | { readonly names: ReadonlyMap<string, Binding>; readonly outer: Scope | undefined }
  | { readonly tuple: string; readonly outer: Scope | undefined }

/** What the expressions over one record have in common, written once at the start of their function. */
export interface Shared {
  /** The value of a path of names below a head, as a local; undefined where the head is not of this function. */
  path(head: string, names: readonly string[], place: Place): string | undefined
  /** The same on the way: what stands there for the steps that follow. */
  onTheWay(head: string, names: readonly string[], place: Place): string | undefined
  /** Writes the value of a node where it is first asked for, and reads it from there on. */
  once(node: Node, place: Place, write: () => Code): Code
}

/** What a whole expression is written over. */
export interface Ground {
  readonly tree: Node
  /** Names of the variables that it may use, without `$`. */
  readonly scope: ReadonlySet<string>
  /** The record, in JavaScript. */
  readonly record: string
  /** Variables that the generated code binds itself, in JavaScript; all others come with the evaluation. */
  readonly given: ReadonlyMap<string, string>
  /** What the expressions over one record have in common, where several are written together. */
  readonly share: Shared | undefined
}

/** Where a node stands: its input, its names, and the JavaScript function that it becomes part of. */
export interface Place {
  readonly ground: Ground
  readonly input: string
  readonly isRoot: boolean
  /** Whether the input is plain data of the record or a variable. */
  readonly isFlat: boolean
  readonly scope: Scope | undefined
  readonly unit: Unit
  readonly out: Output
}

/** Thrown for a node that is left to the interpreter; the reason names it. */
export class Uncovered extends Error {}

/** A JavaScript function that is being written, with its local names. */
export class Unit {
  readonly locals = new Set<string>()
  /** Fuel that one run of it takes, where that is paid before it runs. */
  cost = 1
  /** Whether its fuel is paid before it runs: it runs once, or once for each item of a list. */
  readonly isPaid: boolean

  constructor(isPaid = false) {
    this.isPaid = isPaid
  }

  /** The fuel for a call: paid ahead, or in the JavaScript before it. */
  paid(js: string, cost: number, out: Output): string {
    if (!this.isPaid) return `(${out.call('burn', String(cost))},${js})`
    this.cost += cost
    return js
  }

  /** Declares a local of this function. */
  local(name: string): string {
    this.locals.add(name)
    return name
  }

  /** The function's text, as an arrow function; `before` and `statements` stand around its locals. */
  wrap(parameters: string, result: string, before = '', statements = ''): string {
    if (this.locals.size === 0 && before + statements === '') return `(${parameters})=>(${result})`
    const locals = this.locals.size === 0 ? '' : `let ${[...this.locals].join(',')};`
    return `(${parameters})=>{${before}${locals}${statements}return ${result}}`
  }
}

/** What all functions of one program share. */
export class Output {
  readonly constants: unknown[] = []
  readonly helpers = new Set<HelperName>()
  readonly variables = new Map<string, string>()
  readonly emit: (node: Node, place: Place) => Code
  readonly #texts = new Map<string, string>()
  #count = 0

  constructor(emit: (node: Node, place: Place) => Code) {
    this.emit = emit
  }

  /** A name that is used nowhere else. */
  fresh(letter: 'i' | 't' | 'x' | 'a' | 'p' | 'o'): string {
    return `${letter}${++this.#count}`
  }

  /** Uses a function of the runtime. */
  use(name: HelperName): string {
    this.helpers.add(name)
    return name
  }

  /** A value that the generated code finds by name. */
  constant(value: unknown, text?: string): string {
    const known = text === undefined ? undefined : this.#texts.get(text)
    if (known !== undefined) return known
    const name = `k${this.constants.push(value) - 1}`
    if (text !== undefined) this.#texts.set(text, name)
    return name
  }

  /** A variable of the evaluation; read once. */
  variable(name: string): string {
    const known = this.variables.get(name) ?? `v${this.variables.size}`
    this.variables.set(name, known)
    return known
  }

  /** A call of a function of the runtime. */
  call(name: HelperName, ...args: readonly string[]): string {
    return `${this.use(name)}(${args.join(',')})`
  }
}

/** Literal JavaScript for a JSON value. */
export const literal = (value: unknown): string => JSON.stringify(value)

/** A value that is data of the record or of a variable, as it stands there. */
export const given = (js: string): Code => ({ js, isFlat: true, isOnce: true, kind: 'any' })

/** A value of any kind, collapsed. */
export const any = (js: string, isFlat = false): Code => ({ js, isFlat, kind: 'any' })

/** A value that may be a sequence which is still to collapse. */
export const raw = (js: string, isFlat = false): Code => ({ js, isFlat, kind: 'any', isRaw: true })

/** A value of which neither it nor anything inside it can be a sequence. */
export const scalar = (js: string, kind: Code['kind'] = 'any'): Code => ({ js, isFlat: true, kind })

/** What a value that may be a sequence comes to. */
export function collapsedOf(code: Code, out: Output): Code {
  const { js, isFlat, isOnce = false, kind, collapsed } = code
  return kind === 'any'
    ? { js: collapsed ?? out.call('collapse', js), isFlat, isOnce, kind }
    : { ...code, isRaw: false }
}

/** A place inside a function of its own that is called with one value after the other. */
export function inside(place: Place, isFlat: boolean): Place & { readonly input: string } {
  return { ...place, input: place.out.fresh('i'), isRoot: false, isFlat, unit: new Unit() }
}

/** As inside, with the names that the values carry. */
export function insideTuple(place: Place, isFlat: boolean): Place & { readonly tuple: string } {
  const tuple = place.out.fresh('t')
  return { ...inside(place, isFlat), scope: { tuple, outer: place.scope }, tuple }
}
