import { type Node, variableName } from '../ast.ts'
import { BUILTINS } from '../builtins.ts'
import { any, type Code, given, literal, type Place, raw, scalar, Uncovered } from './code.ts'
import type { Globals } from './globals.ts'
import { isOnce } from './operators.ts'
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

/** Those of them that give a text, true or false. */
const LEAVES = new Set(
  'contains substringBefore substringAfter substring trim replace formatNumber formatBase fromMillis base64encode base64decode encodeUrlComponent pad join string type formatInteger'.split(
    ' ',
  ),
)

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

/** Functions of any number of arguments whose value for all is that for the first and for the value for the others. */
const FOLDED = new Set(['firstNonEmpty'])

function emitLibrary(name: string, { args, given }: Call, place: Place, globals: Globals): Code {
  const entry = globals.library.get(name)
  const all = [...(given === undefined ? [] : [given]), ...args]
  const kind = entry?.isLeaf === true ? 'leaf' : 'any'
  const isPassing = PASSING.has(name)
  const isFlat = kind === 'leaf' || (isPassing && all.every((arg) => arg.isFlat))
  const js = calledOf(name, all, place, globals)
  // what comes from an argument has been collapsed there
  return { js, isFlat, kind, isOnce: isPassing && all.every(isOnce), isRaw: !isPassing }
}

/** A call by the short way where there is one; a function of any number of arguments is called for two at a time. */
function calledOf(name: string, args: readonly Code[], { out, unit }: Place, globals: Globals): string {
  const entry = globals.library.get(name)
  const [first, second] = args.map(({ js }) => js)
  const isFolded = FOLDED.has(name)
  const isFit = isFolded || args.length <= Math.min(2, entry?.value.arity ?? 0)
  if (entry?.quick === undefined || first === undefined || !isFit) {
    const implementation = out.constant(entry?.implementation, `implementation ${name}`)
    return `${implementation}([${args.map(({ js }) => js).join(',')}])`
  }
  const quick = out.constant(entry.quick, `quick ${name}`)
  const of = (one: string, other: string) => unit.paid(`${quick}(${one},${other},hidden)`, entry.cost, out)
  const last = args.at(-1)?.js ?? 'U'
  if (!isFolded || second === undefined) return of(first, second ?? 'U')
  const [later, rest] = [args.slice(0, -2), unit.local(out.fresh('x'))]
  // the value for later arguments is that for all where an earlier one is missing
  return later.reduceRight(
    (made, { js }) => (/^x\d+$/.test(js) ? `(${rest}=${made},${js}===U?${rest}:${of(js, rest)})` : of(js, made)),
    of(args.at(-2)?.js ?? 'U', last),
  )
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

const resultOf = (name: string, js: string): Code =>
  SCALAR.has(name) ? scalar(js, LEAVES.has(name) ? 'leaf' : 'any') : raw(js)

/** Built-ins that are written out in place. */
function emitSimple(name: string, all: readonly Code[], place: Place, globals: Globals): Code | undefined {
  const { out, input } = place
  const [first, second] = all
  if (first === undefined) return undefined
  if (all.length === 1) return emitUnary(name, first, place, globals)
  if (second === undefined || all.length > 2) return undefined
  if (name === 'append') {
    const isCopy = first.js === '[]' && second.isFlat && second.isOnce === true
    return isCopy ? given(out.call('listOf', second.js)) : raw(out.call('append', first.js, second.js))
  }
  const fn = () => out.constant(globals.native(name), `native ${name}`)
  return name === 'contains' ? scalar(out.call('containsOf', fn(), first.js, second.js, input), 'leaf') : undefined
}

function emitUnary(name: string, of: Code, { out, input }: Place, globals: Globals): Code | undefined {
  const fn = () => out.constant(globals.native(name), `native ${name}`)
  switch (name) {
    case 'exists':
      return scalar(`(${of.js}!==U)`, 'boolean')
    case 'count':
      return scalar(out.call('count', of.js), 'number')
    case 'distinct':
      return raw(out.call('distinctOf', of.js), of.isFlat)
    case 'not':
      return of.kind === 'boolean' ? scalar(`!${of.js}`, 'boolean') : scalar(out.call('not', of.js), 'leaf')
    case 'boolean':
      return of.kind === 'boolean' ? of : scalar(out.call('boolean', of.js), 'leaf')
    case 'number':
      return scalar(out.call('numberOf', fn(), of.js, input))
    case 'sum':
      return scalar(out.call('sum', fn(), of.js))
    case 'uppercase':
    case 'lowercase':
      return scalar(out.call(name, fn(), of.js), 'leaf')
    default:
      return undefined
  }
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
