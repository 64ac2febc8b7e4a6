import { burn, enter, leave, odd } from './values.ts'

/** The signature of a function, as JSONata's parser makes it: checks arguments, fills in the context. Throws its own errors. */
export interface Signature {
  validate(args: readonly unknown[], context: unknown): readonly unknown[]
}

/** What a function does with checked arguments; a call in tail position answers what is to be called next. */
export type Body = (args: readonly unknown[]) => unknown

/** A function of the language as a value: a lambda, a built-in, one of the library, or a regular expression. */
export class Fn {
  /** The mark by which JSONata's signatures know functions. */
  readonly _jsonata_function = true
  readonly arity: number
  readonly body: Body
  readonly signature: Signature | undefined
  /** `native`: JSONata's own; `host`: of the library, or a regular expression; `closure`: any, as an argument. */
  readonly kind: 'lambda' | 'partial' | 'native' | 'host' | 'closure'

  constructor(kind: Fn['kind'], arity: number, body: Body, signature?: Signature) {
    this.kind = kind
    this.arity = arity
    this.body = body
    this.signature = signature
  }
}

/** A call in tail position that is still to be made. */
export class Tail {
  readonly fn: unknown
  readonly args: readonly unknown[]

  constructor(fn: unknown, args: readonly unknown[]) {
    this.fn = fn
    this.args = args
  }
}

function once(fn: unknown, args: readonly unknown[], context: unknown): unknown {
  if (!(fn instanceof Fn)) return odd()
  burn(1)
  return fn.body(fn.signature === undefined ? args : fn.signature.validate(args, context))
}

/** Calls a function with arguments as they are; `context` stands in for a missing one where the signature says so. */
export function apply(fn: unknown, args: readonly unknown[], context: unknown): unknown {
  enter()
  let result = once(fn, args, context)
  while (result instanceof Tail) result = once(result.fn, result.args, context)
  leave()
  return result
}

/** Calls a function as an expression does: functions among the arguments lose their context. */
export function call(fn: unknown, args: unknown[], context: unknown): unknown {
  for (const [at, arg] of args.entries()) if (arg instanceof Fn) args[at] = closed(arg)
  return apply(fn, args, context)
}

/** As call, with a first argument that is given as it is (`~>`). */
export function callWith(given: unknown, fn: unknown, args: unknown[], context: unknown): unknown {
  return apply(fn, [given, ...args.map((arg) => (arg instanceof Fn ? closed(arg) : arg))], context)
}

/** A function as an argument: called without a context of its own. */
function closed(fn: Fn): Fn {
  return new Fn('closure', fn.arity, (args) => apply(fn, args, null))
}

/** The value of an argument as calls receive it. */
export const argument = (value: unknown): unknown => (value instanceof Fn ? closed(value) : value)

/** `~>` to something that is no call: applies the function, or chains two functions. */
export function pipe(given: unknown, fn: unknown): unknown {
  if (!(fn instanceof Fn)) return odd()
  if (!(given instanceof Fn)) return apply(fn, [given], null)
  return new Fn('lambda', 1, ([value]) => new Tail(fn, [apply(given, [value], null)]))
}

/** A function with some arguments filled in; `holes` has `?` where one is left open and `=` where it is given. */
export function partial(fn: unknown, holes: string, given: readonly unknown[]): unknown {
  if (!(fn instanceof Fn) || fn.kind === 'closure') return odd()
  const count = fn.arity
  const open: number[] = []
  for (let at = 0; at < count; at++) if (holes[at] === '?') open.push(at)
  return new Fn('partial', open.length, (args) => {
    const all = Array.from({ length: count }, (_, at) => (holes[at] === '?' ? undefined : given[at]))
    for (const [index, at] of open.entries()) all[at] = args[index]
    return fn.body(all)
  })
}

/** The arguments for a function that $map and its like call: as many as it takes. */
export function fitting(fn: Fn, value: unknown, key: unknown, whole: unknown): unknown[] {
  return fn.arity >= 3 ? [value, key, whole] : fn.arity === 2 ? [value, key] : [value]
}
