import { leftOf, type Node, pairsOf } from '../ast.ts'
import { emitCall, emitPartial } from './calls.ts'
import {
  any,
  type Binding,
  type Code,
  collapsedOf,
  given,
  inside,
  literal,
  type Place,
  raw,
  scalar,
  Uncovered,
  Unit,
} from './code.ts'
import type { Globals } from './globals.ts'
import { emitName } from './names.ts'
import { constantOf, emitBinary, isConstant, isOnce, partOf, truthOf } from './operators.ts'
import { emitPairs } from './pairs.ts'
import { emitPath, emitStages } from './paths.ts'
import { regexCost } from './regex-cost.ts'
import { emitBind, emitParent, emitVariable, frameOf, isBound } from './variables.ts'

/** Writes JavaScript for nodes. */
export class Emitter {
  readonly #globals: Globals

  constructor(globals: Globals) {
    this.#globals = globals
  }

  /** The value of a node, with the predicates and the grouping behind it. */
  emit(node: Node, place: Place): Code {
    const { out } = place
    let code = this.#bare(node, place)
    if (node.predicate !== undefined)
      code = { ...emitStages(code, node.predicate, place, node.tuple === true), isRaw: true }
    if (node.type === 'path') return code
    if (node.group !== undefined) {
      const isTuples = node.tuple === true
      return any(out.call('group', code.js, emitPairs(node.group.lhs, place, code.isFlat, isTuples)))
    }
    if (node.keepArray === true && code.kind === 'any') return any(out.call('collapseKept', code.js), code.isFlat)
    return code.isRaw === true ? collapsedOf(code, out) : code
  }

  #bare(node: Node, place: Place): Code {
    const { out } = place
    switch (node.type) {
      case 'string':
      case 'number':
      case 'value':
        return constantOf(node.value)
      case 'name':
        return emitName(String(node.value), place, node.keepArray === true)
      case 'path':
        return emitPath(node, place)
      case 'variable':
        return emitVariable(node, place, this.#globals)
      case 'wildcard':
        return raw(out.call('members', place.input), place.isFlat)
      case 'descendant':
        return raw(out.call('descendants', place.input), place.isFlat)
      case 'parent':
        return emitParent(node, place)
      case 'condition':
        return this.#condition(node, place)
      case 'block':
        return this.#block(node, place)
      case 'bind':
        return emitBind(node, place, false)
      default:
        return this.#operation(node, place)
    }
  }

  #operation(node: Node, place: Place): Code {
    switch (node.type) {
      case 'binary':
        return emitBinary(node, place)
      case 'unary':
        return this.#unary(node, place)
      case 'function':
        return this.#once(node, place, () => emitCall(node, place, this.#globals))
      case 'partial':
        return emitPartial(node, place)
      case 'lambda':
        return this.#lambda(node, place)
      case 'apply':
        return this.#apply(node, place)
      case 'transform':
        return this.#transform(node, place)
      case 'regex':
        return regexOf(node, place)
      default:
        throw new Uncovered(node.type)
    }
  }

  /** A call that other expressions over the same record may make as well. */
  #once(node: Node, place: Place, write: () => Code): Code {
    const { share } = place.ground
    return share === undefined || !place.isRoot ? write() : share.once(node, place, write)
  }

  #condition(
    node: Node,
    place: Place,
    emit: (node: Node | undefined, place: Place) => Code = (n, p) => partOf(n, p),
  ): Code {
    const test = truthOf(node.condition, place)
    const yes = emit(node.then, place)
    const no = node.else === undefined ? scalar('U', 'leaf') : emit(node.else, place)
    const kind = yes.kind === no.kind ? yes.kind : yes.kind === 'any' || no.kind === 'any' ? 'any' : 'leaf'
    const isFlat = yes.isFlat && no.isFlat
    return { js: `(${test}?${yes.js}:${no.js})`, isFlat, isOnce: isOnce(yes) && isOnce(no), kind, isRaw: !isFlat }
  }

  #block(node: Node, place: Place, emitLast = (last: Node, at: Place): Code => this.#direct(last, at)): Code {
    const nodes = node.expressions ?? []
    const { names, reset } = frameOf(nodes, place)
    const at: Place = { ...place, scope: { names, outer: place.scope } }
    const written = nodes.slice(0, -1).map((part) => this.#direct(part, at).js)
    const last = nodes.at(-1)
    const end = last === undefined ? scalar('U', 'leaf') : emitLast(last, at)
    return { ...end, js: `(${[...reset, ...written, end.js].join(',')})`, isRaw: !end.isFlat }
  }

  /** A part of a block: what it binds is bound for all that follows. */
  #direct(node: Node, place: Place): Code {
    const isPlain =
      node.type === 'bind' && node.predicate === undefined && node.group === undefined && node.keepArray !== true
    return isPlain ? emitBind(node, place, true) : this.emit(node, place)
  }

  #unary(node: Node, place: Place): Code {
    const { out } = place
    if (node.value === '-') return scalar(out.call('negate', partOf(node.expression, place).js))
    if (node.value === '{') return this.#object(node, place)
    if (node.value !== '[') throw new Uncovered(`unary ${String(node.value)}`)
    const parts = node.expressions ?? []
    const codes = parts.map((part) => this.emit(part, place))
    const whole = parts.map(({ value }) => (value === '[' ? '1' : '0')).join('')
    const isCons = String((node as { consarray?: boolean }).consarray === true)
    const isFlat = codes.every((code) => code.isFlat)
    if (codes.length === 0 && isCons === 'false') return given('[]')
    const [only] = codes
    if (codes.length === 1 && whole === '0' && isCons === 'false' && only?.isFlat === true && only.isOnce === true)
      return given(out.call('listOf', only.js))
    return any(out.call('list', literal(whole), isCons, ...codes.map(({ js }) => js)), isFlat)
  }

  #object(node: Node, place: Place): Code {
    const { out, unit } = place
    const pairs = pairsOf(node.lhs)
    const keys = pairs.map(([key]) => (key.type === 'string' && isConstant(key) ? String(key.value) : undefined))
    const isKnown = keys.every((key) => key !== undefined && !key.startsWith('_jsonata_'))
    if (!isKnown || new Set(keys).size < keys.length)
      return any(out.call('group', place.input, emitPairs(pairs, place, false)))
    const object = unit.local(out.fresh('o'))
    const input = unit.local(out.fresh('i'))
    const at: Place = { ...place, input, isRoot: false }
    const paid = place.isRoot ? [] : [out.call('burn', String(pairs.length))]
    const gathered = place.isRoot ? place.ground.record : out.call('gathered', place.input)
    const written = pairs.map(([, value], index) => {
      const x = unit.local(out.fresh('x'))
      const key = literal(keys[index])
      const put = keys[index] === '__proto__' ? out.call('setOwn', object, key, x) : `${object}[${key}]=${x}`
      return `(${x}=${this.emit(value, at).js})!==U&&(${put})`
    })
    return any(`(${[...paid, `${input}=${gathered}`, `${object}={}`, ...written, object].join(',')})`)
  }

  #lambda(node: Node, place: Place): Code {
    const { out } = place
    if (node.body === undefined || (node as { thunk?: boolean }).thunk === true) throw new Uncovered('thunk')
    const unit = new Unit()
    const inner: Place = { ...place, unit }
    const parameters = (node.arguments ?? []).map((parameter) => String(parameter.value))
    const { names, reset } = frameOf([node.body], inner)
    const args = out.fresh('a')
    const taken = parameters.map((name, index) => {
      const binding: Binding = { js: out.fresh('p'), isSet: true }
      names.set(name, binding)
      return `${binding.js}=${args}[${index}]`
    })
    const body = this.#tail(node.body, { ...inner, scope: { names, outer: place.scope } })
    const before = [...(taken.length === 0 ? [] : [`let ${taken.join(',')};`])].join('')
    const result = reset.length === 0 ? body.js : `(${[...reset, body.js].join(',')})`
    const signature = (node as { signature?: { validate?: unknown } }).signature
    if (signature !== undefined && typeof signature.validate !== 'function') {
      throw new Uncovered('signature that the parser lost')
    }
    const rest = signature === undefined ? [] : [out.constant(signature)]
    return any(out.call('lambda', String(parameters.length), unit.wrap(args, result, before), ...rest))
  }

  /** The body of a lambda: calls at its end are left to the caller, so that recursion needs no stack. */
  #tail(node: Node, place: Place): Code {
    const isBare = node.predicate === undefined && node.group === undefined && node.keepArray !== true
    if ((node as { thunk?: boolean }).thunk === true && node.body !== undefined) {
      if (node.body.group !== undefined) throw new Uncovered('grouping of a call in tail position')
      return emitCall(node.body, place, this.#globals, undefined, true)
    }
    if (!isBare || !hasThunk(node)) return this.emit(node, place)
    const inner = (part: Node, at: Place): Code => {
      const code = this.#tail(part, at)
      return hasThunk(part) || code.isFlat ? code : any(at.out.call('collapse', code.js))
    }
    if (node.type === 'condition') return this.#condition(node, place, (part, at) => inner(part as Node, at))
    return this.#block(node, place, inner)
  }

  #apply(node: Node, place: Place): Code {
    const { out } = place
    const left = partOf(leftOf(node), place)
    if (node.rhs?.type === 'function') {
      if (node.rhs.predicate !== undefined || node.rhs.group !== undefined)
        throw new Uncovered('predicate of an applied call')
      return emitCall(node.rhs, place, this.#globals, left)
    }
    return raw(out.call('pipe', left.js, partOf(node.rhs, place).js))
  }

  #transform(node: Node, place: Place): Code {
    if (isBound('clone', place.scope) || place.ground.scope.has('clone')) throw new Uncovered('another $clone')
    const parts = [node.pattern, node.update, node.delete].flatMap((part) => {
      if (part === undefined) return []
      const at = inside(place, false)
      return [at.unit.wrap(at.input, this.emit(part, at).js)]
    })
    return any(place.out.call('transform', ...parts))
  }
}

const hasThunk = (node: Node): boolean => {
  if ((node as { thunk?: boolean }).thunk === true) return true
  if (node.type === 'condition') return [node.then, node.else].some((part) => part !== undefined && hasThunk(part))
  const last = node.type === 'block' ? node.expressions?.at(-1) : undefined
  return last !== undefined && hasThunk(last)
}

function regexOf(node: Node, { out }: Place): Code {
  const pattern = node.value as RegExp
  // the parser copies the left side of ?: and ?? by way of JSON, which keeps no regular expression
  if (typeof pattern.source !== 'string') throw new Uncovered('regex that the parser lost')
  const cost = regexCost(pattern.source)
  if (cost === undefined) throw new Uncovered('regex that can run long')
  return any(out.call('regex', out.constant(pattern), literal(cost)))
}
