import { type Node, variableName } from '../ast.ts'
import { BUILTINS } from '../builtins.ts'
import { any, type Code, literal, type Place, raw, scalar, Uncovered } from './code.ts'
import type { Globals } from './globals.ts'
import { globalOf, isBound } from './variables.ts'

/** Built-ins of texts and numbers: the kinds of arguments (`s`, `n`) with which they need no check of their signature. */
const QUICK: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    contains: ['ss'],
    substringBefore: ['ss'],
    substringAfter: ['ss'],
    substring: ['sn', 'snn'],
    trim: ['s'],
    length: ['s'],
    split: ['ss'],
    replace: ['sss'],
    round: ['n', 'nn'],
    floor: ['n'],
    ceil: ['n'],
    abs: ['n'],
    power: ['nn'],
    number: ['s'],
    formatNumber: ['ns'],
    formatBase: ['n', 'nn'],
    toMillis: ['s', 'ss'],
    fromMillis: ['n', 'ns', 'nss'],
    base64encode: ['s'],
    base64decode: ['s'],
    encodeUrlComponent: ['s'],
    pad: ['sn', 'sns'],
  }),
)

/** Built-ins whose result is never a sequence. */
const SCALAR = new Set([...QUICK.keys(), 'sum', 'max', 'min', 'average', 'join', 'string', 'type', 'formatInteger'])
SCALAR.delete('split')

/** A call with what is given to it from the left of `~>`, if anything. */
interface Call {
  readonly node: Node
  readonly args: readonly Code[]
  readonly given: Code | undefined
  readonly isTail: boolean
}

/** A call; in tail position the raw result, or the call still to be made. */
export function emitCall(node: Node, place: Place, globals: Globals, given?: Code, isTail = false): Code {
  const nodes = node.arguments ?? []
  const name = variableName(node.procedure)
  const call: Call = { node, args: nodes.map((argument) => place.out.emit(argument, place)), given, isTail }
  if (name === undefined || isBound(name, place.scope)) return emitDynamic(call, place)
  const global = globalOf(name, place.ground.scope, globals)
  if (global === 'library') return emitLibrary(name, call, place, globals)
  return global === 'builtin' ? emitBuiltin(name, call, place, globals) : emitDynamic(call, place)
}

/** A call of whatever the procedure turns out to be. */
function emitDynamic({ node, args, given, isTail }: Call, place: Place): Code {
  const { out } = place
  if (node.procedure === undefined) throw new Uncovered('call of nothing')
  const fn = out.emit(node.procedure, place).js
  const list = `[${args.map(({ js }) => js).join(',')}]`
  if (isTail) return raw(out.call('tail', fn, list))
  const result =
    given === undefined
      ? out.call('call', fn, list, place.input)
      : out.call('callWith', given.js, fn, list, place.input)
  return raw(result)
}

/** Functions of the library that give one of their arguments, or a member of it, as it is. */
const PASSING = new Set(['firstNonEmpty', 'idOf'])

function emitLibrary(name: string, { args, given }: Call, { out }: Place, globals: Globals): Code {
  const implementation = out.constant(globals.library.get(name)?.implementation, `implementation ${name}`)
  const all = [...(given === undefined ? [] : [given]), ...args]
  const isFlat = PASSING.has(name) && all.every((arg) => arg.isFlat)
  return raw(`${implementation}([${all.map(({ js }) => js).join(',')}])`, isFlat)
}

function emitBuiltin(name: string, call: Call, place: Place, globals: Globals): Code {
  const { args, given, isTail, node } = call
  const all = given === undefined ? args : [given, ...args]
  if (isTail && all.length < (BUILTINS.get(name) ?? 0)) throw new Uncovered('context of a call in tail position')
  const simple = emitSimple(name, all, place, globals)
  if (simple !== undefined) return simple
  const { out } = place
  const fn = out.constant(globals.native(name), `native ${name}`)
  const kinds = QUICK.get(name)?.find(({ length }) => length === all.length)
  if (kinds !== undefined) {
    const list = all.map(({ js }) => js).join(',')
    return resultOf(name, out.call('quick', fn, literal(kinds), `[${list}]`, place.input))
  }
  const list = all.map(({ js, kind }, at) => {
    const isGiven = given !== undefined && at === 0
    return isGiven || isTail || kind !== 'any' || !mayBeFunction(node, at - (given === undefined ? 0 : 1))
      ? js
      : out.call('argument', js)
  })
  return resultOf(name, out.call('native', fn, `[${list.join(',')}]`, place.input))
}

/** Whether an argument may be a function: paths and operators give data, for which nothing must be done. */
function mayBeFunction(node: Node, at: number): boolean {
  const type = node.arguments?.[at]?.type
  return type !== 'path' && type !== 'binary' && type !== 'unary'
}

const resultOf = (name: string, js: string): Code => (SCALAR.has(name) ? scalar(js) : raw(js))

/** Built-ins that are written out in place. */
function emitSimple(name: string, all: readonly Code[], { out }: Place, globals: Globals): Code | undefined {
  const [first, second] = all
  if (first === undefined) return undefined
  if (name === 'append' && all.length === 2) return raw(out.call('append', first.js, second?.js ?? 'U'))
  if (all.length !== 1) return undefined
  if (name === 'exists') return scalar(`(${first.js}!==U)`, 'boolean')
  if (name === 'count') return scalar(out.call('count', first.js), 'number')
  if (name === 'not' || name === 'boolean') {
    return first.kind === 'boolean'
      ? scalar(name === 'not' ? `!${first.js}` : first.js, 'boolean')
      : scalar(out.call(name, first.js))
  }
  if (name === 'uppercase' || name === 'lowercase' || name === 'sum') {
    return scalar(out.call(name, out.constant(globals.native(name), `native ${name}`), first.js))
  }
  return undefined
}

/** A call with `?` for some arguments: a function of those. */
export function emitPartial(node: Node, place: Place): Code {
  const { out } = place
  if (node.procedure === undefined) throw new Uncovered('call of nothing')
  const isOpen = (argument: Node) => argument.type === 'operator' && argument.value === '?'
  const nodes = node.arguments ?? []
  const holes = nodes.map((argument) => (isOpen(argument) ? '?' : '=')).join('')
  const args = nodes.map((argument) => (isOpen(argument) ? 'U' : out.emit(argument, place).js))
  return any(out.call('partial', out.emit(node.procedure, place).js, literal(holes), `[${args.join(',')}]`))
}
