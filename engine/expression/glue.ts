/** What the glue needs from outside: the functions are called with plain values only. */
export interface Host {
  encodeBase64(text: string): string
  decodeBase64(text: string): string
  implementations: ReadonlyMap<string, (args: readonly unknown[], hidden: Hidden) => unknown>
  arities: ReadonlyMap<string, number>
}

/** Values that library functions see and expressions do not. */
export interface Hidden {
  readonly moneyForm: unknown
}

/** An expression as the interpreter holds it, in one context. */
export interface Parsed {
  readonly handle: object
  readonly ast: unknown
}

/** One evaluation for the glue: `keys` undefined means the whole input. */
export interface Load {
  readonly handle: object
  readonly input: unknown
  readonly bindings: object
  readonly hidden: Hidden
}

/** A run over several loads; `next` counts those started, a missing outcome belongs to one that did not end. */
export interface Run {
  readonly outcomes: readonly ({ readonly value: unknown } | { readonly failure: unknown } | undefined)[]
  readonly next: number
  readonly done: boolean
}

/** The inside of the context. `start` only queues; the work is done by running START. */
export interface Glue {
  parse(source: string): Parsed
  /** A copy made of the context's own objects, with the given first-level keys only. Throws on what is not plain JSON. */
  copy(value: unknown, keys: ReadonlySet<string> | undefined): unknown
  /** Bindings of an evaluation: library functions by name and the copied variables. */
  bind(functions: Iterable<string>, variables: readonly (readonly [string, unknown])[]): object
  start(loads: readonly Load[]): Run
}

/** The script that does the queued work: microtasks run when it ends, still inside its time limit. */
export const START = 'onefoldRun()'

/**
 * The script that is evaluated inside the context after JSONata's own: (options, host) -> Glue. Outcomes are taken with
 * `then(ok, fail)` inside, because a callback would leave rejections unhandled. `window` is what JSONata looks for to encode base64.
 */
export const GLUE = `'use strict';
(function (options, host) {
  const jsonata = globalThis.jsonata
  const functions = Object.create(null)
  const MAX_DEPTH = 500
  let hidden
  let run

  globalThis.window = { btoa: (text) => host.encodeBase64(text), atob: (text) => host.decodeBase64(text) }

  const wrap = (call, arity) =>
    // parameters are named because JSONata reads them for partial application and for $map
    arity === 1 ? function (a) { return call(Array.from(arguments), hidden) }
    : arity === 2 ? function (a, b) { return call(Array.from(arguments), hidden) }
    : arity === 4 ? function (a, b, c, d) { return call(Array.from(arguments), hidden) }
    : function (a, b, c) { return call(Array.from(arguments), hidden) }
  host.implementations.forEach((call, name) => { functions[name] = wrap(call, host.arities.get(name)) })

  const notJson = (what) => ({ code: 'input', message: 'the input holds ' + what + ', which is not JSON' })
  // JSONata takes an object with one of these for a function, so a copy of some keys keeps them
  const marks = new Set(['_jsonata_function', '_jsonata_lambda'])
  const copy = (value, keys, depth) => {
    if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') return value
    if (typeof value !== 'object') throw notJson('a ' + typeof value)
    if (depth > MAX_DEPTH) throw { code: 'depth', message: 'the input is nested deeper than ' + MAX_DEPTH + ' levels' }
    if (Array.isArray(value)) return Array.from(value, (item) => copy(item, undefined, depth + 1))
    const prototype = Object.getPrototypeOf(value)
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw notJson('an object with a class')
    const result = Object.create(null)
    for (const key of Object.keys(value)) {
      if (keys !== undefined && !keys.has(key) && !marks.has(key)) continue
      const item = copy(value[key], undefined, depth + 1)
      if (item !== undefined) result[key] = item
    }
    return result
  }

  const work = async (mine) => {
    while (mine.next < mine.loads.length) {
      const at = mine.next++
      const load = mine.loads[at]
      hidden = load.hidden
      await load.handle.evaluate(load.input, load.bindings).then(
        (value) => { mine.outcomes[at] = { value } },
        (failure) => { mine.outcomes[at] = { failure } },
      )
    }
    mine.done = true
  }
  globalThis.onefoldRun = () => { work(run) }

  return {
    parse(source) {
      const handle = jsonata(source, options)
      return { handle, ast: handle.ast() }
    },
    copy: (value, keys) => copy(value, keys, 0),
    bind(names, variables) {
      const bindings = Object.create(null)
      for (const name of names) bindings[name] = functions[name]
      for (const [name, value] of variables) bindings[name] = value
      return bindings
    },
    start: (loads) => (run = { loads, outcomes: [], next: 0, done: false }),
  }
})`
