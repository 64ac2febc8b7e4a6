import { childrenOf, type Node } from '../ast.ts'
import { type Code, literal, type Output, type Place, type Shared, type Unit } from './code.ts'
import { INHERITED } from './names.ts'
import { isBound } from './variables.ts'

/** A place in the record: its value, and that value where it is an object. */
interface Stop {
  readonly value: string
  readonly object: string
}

/** Nodes whose meaning is all in the tree: two that read alike are alike. */
const PLAIN = new Set(['path', 'name', 'variable', 'string', 'number', 'value', 'function', 'binary', 'condition'])

/** What the expressions over one record have in common: paths are read once, equal calls made once. */
export class Share implements Shared {
  /** Assignments that must be made before anything else, in order. */
  readonly before: string[] = []
  readonly #unit: Unit
  readonly #out: Output
  readonly #heads: ReadonlySet<string>
  readonly #stops = new Map<string, Stop>()
  readonly #ends = new Map<string, string>()
  readonly #calls = new Map<string, Code>()

  /** `heads` are the values, in JavaScript, that paths may start from; the variables of the evaluation always may. */
  constructor(unit: Unit, out: Output, heads: Iterable<string>) {
    this.#unit = unit
    this.#out = out
    this.#heads = new Set(heads)
  }

  path(head: string, names: readonly string[], place: Place): string | undefined {
    if (!this.#isOwn(head, place)) return undefined
    const key = keyOf(head, names)
    const known = this.#ends.get(key)
    if (known !== undefined) return known
    const local = this.#set('x', this.#read(head, names, 'names'))
    this.#ends.set(key, local)
    return local
  }

  onTheWay(head: string, names: readonly string[], place: Place): string | undefined {
    return this.#isOwn(head, place) ? this.#stop(head, names).value : undefined
  }

  once(node: Node, place: Place, write: () => Code): Code {
    const key = place.unit === this.#unit && isPlain(node, place) ? textOf(node) : undefined
    if (key === undefined) return write()
    const known = this.#calls.get(key)
    if (known !== undefined) return known
    const { js, ...rest } = write()
    const local = this.#set('x', 'UNSET')
    const code = { ...rest, js: `(${local}===UNSET?${local}=${js}:${local})` }
    this.#calls.set(key, code)
    return code
  }

  #isOwn(head: string, { unit }: Place): boolean {
    return unit === this.#unit && (this.#heads.has(head) || /^v\d+$/.test(head))
  }

  #set(letter: 'x' | 'p', js: string): string {
    const local = this.#unit.local(this.#out.fresh(letter))
    this.before.push(`${local}=${js}`)
    return local
  }

  #stop(head: string, names: readonly string[]): Stop {
    const key = keyOf(head, names)
    const known = this.#stops.get(key)
    if (known !== undefined) return known
    const value = names.length === 0 ? head : this.#set('x', this.#read(head, names, 'namesOnTheWay'))
    const stop = { value, object: this.#set('p', this.#out.call('objectOf', value)) }
    this.#stops.set(key, stop)
    return stop
  }

  #read(head: string, names: readonly string[], way: 'names' | 'namesOnTheWay'): string {
    const { value, object } = this.#stop(head, names.slice(0, -1))
    const name = names.at(-1) as string
    const list = this.#out.constant(names, `names ${literal(names)}`)
    const spread = `(isArray(${value})?${this.#out.call(way, value, list, String(names.length - 1))}:U)`
    const own = INHERITED.has(name) ? this.#out.call('member', object, literal(name)) : `${object}[${literal(name)}]`
    return `${object}!==U?${own}:${spread}`
  }
}

const keyOf = (head: string, names: readonly string[]): string => `${head} ${literal(names)}`

const isPlain = (node: Node, place: Place): boolean =>
  (PLAIN.has(node.type) || (node.type === 'unary' && node.value !== '{')) &&
  !(node.type === 'variable' && isBound(String(node.value), place.scope)) &&
  childrenOf(node).every((child) => isPlain(child, place))

/** The tree without the places where its parts were written. */
const textOf = (node: Node): string =>
  JSON.stringify(node, (name, value: unknown) => (name === 'position' ? undefined : value))
