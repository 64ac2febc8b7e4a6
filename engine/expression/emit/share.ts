import { childrenOf, type Node } from '../ast.ts'
import { type Code, literal, type Output, type Place, type Shared, type Unit } from './code.ts'
import { INHERITED } from './names.ts'
import { isBound } from './variables.ts'

/** A place in the record: its value, and what is read of it. */
interface Stop {
  readonly value: string
  readonly reads: Read[]
  /** The places below it, whose values are among those read. */
  readonly stops: Stop[]
}

/** One name of a place, and the local that gets its value. */
interface Read {
  readonly local: string
  readonly names: readonly string[]
  readonly way: 'names' | 'namesOnTheWay'
}

/** Nodes whose meaning is all in the tree: two that read alike are alike. */
const PLAIN = new Set(['path', 'name', 'variable', 'string', 'number', 'value', 'function', 'binary', 'condition'])

/** What the expressions over one record have in common: paths are read once, equal calls made once. */
export class Share implements Shared {
  readonly #unit: Unit
  readonly #out: Output
  readonly #heads: ReadonlySet<string>
  readonly #roots: Stop[] = []
  readonly #stops = new Map<string, Stop>()
  readonly #ends = new Map<string, string>()
  readonly #calls = new Map<string, Code>()
  /** The JavaScript of each call, by its local. */
  readonly #bodies = new Map<string, string>()

  /** `heads` are the values, in JavaScript, that paths may start from; the variables of the evaluation always may. */
  constructor(unit: Unit, out: Output, heads: Iterable<string>) {
    this.#unit = unit
    this.#out = out
    this.#heads = new Set(heads)
  }

  /**
   * What is made of the record, and all that comes before it. A call that is made in one place stands there; one that
   * several places may make is made by the first of them.
   */
  around(made: string): { readonly before: readonly string[]; readonly made: string } {
    const uses = new Map<string, number>()
    for (const text of [made, ...this.#bodies.values()])
      for (const [, local = ''] of text.matchAll(MARK)) uses.set(local, (uses.get(local) ?? 0) + 1)
    const written = (text: string): string =>
      text.replace(MARK, (mark, local: string) => {
        const body = this.#bodies.get(local)
        if (body === undefined) return mark
        return uses.get(local) === 1 ? written(body) : `(${local}===UNSET?${local}=${written(body)}:${local})`
      })
    const shared = [...this.#bodies.keys()].filter((local) => (uses.get(local) ?? 0) > 1)
    for (const local of this.#bodies.keys()) if (!shared.includes(local)) this.#unit.locals.delete(local)
    const places = this.#roots.flatMap((stop) => this.#written(stop))
    return { before: [...shared.map((local) => `${local}=UNSET`), ...places], made: written(made) }
  }

  path(head: string, names: readonly string[], place: Place): string | undefined {
    if (!this.#isOwn(head, place)) return undefined
    const key = keyOf(head, names)
    const known = this.#ends.get(key)
    if (known !== undefined) return known
    const local = this.#read(head, names, 'names')
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
    const local = this.#unit.local(this.#out.fresh('x'))
    this.#bodies.set(local, js)
    const code = { ...rest, js: `${EDGE}${local}${EDGE}` }
    this.#calls.set(key, code)
    return code
  }

  #isOwn(head: string, { unit }: Place): boolean {
    return unit === this.#unit && (this.#heads.has(head) || /^v\d+$/.test(head))
  }

  #stop(head: string, names: readonly string[]): Stop {
    const key = keyOf(head, names)
    const known = this.#stops.get(key)
    if (known !== undefined) return known
    const value = names.length === 0 ? head : this.#read(head, names, 'namesOnTheWay')
    const stop: Stop = { value, reads: [], stops: [] }
    const around = names.length === 0 ? this.#roots : this.#stop(head, names.slice(0, -1)).stops
    around.push(stop)
    this.#stops.set(key, stop)
    return stop
  }

  #read(head: string, names: readonly string[], way: Read['way']): string {
    const local = this.#unit.local(this.#out.fresh('x'))
    this.#stop(head, names.slice(0, -1)).reads.push({ local, names, way })
    return local
  }

  /** All that is read of a place together: of an object in place, which engines make fast; of an array by helpers. */
  #written({ value, reads, stops }: Stop): string[] {
    if (reads.length === 0) return []
    const out = this.#out
    const nothing = `${reads.map(({ local }) => `${local}=`).join('')}U`
    const spread = reads.map(({ local, names, way }) => {
      const list = out.constant(names, `names ${literal(names)}`)
      return `${local}=${out.call(way, value, list, String(names.length - 1))}`
    })
    const own = reads.map(({ local, names }) => {
      const name = names.at(-1) as string
      return `${local}=${INHERITED.has(name) ? out.call('member', value, literal(name)) : `${value}[${literal(name)}]`}`
    })
    const isNothing = `typeof ${value}!=="object"||${value}===null`
    const isMarked = `"_jsonata_lambda"in ${value}||"_jsonata_function"in ${value}`
    const others = `isArray(${value})?(${spread.join(',')}):${isMarked}?${out.call('odd')}:(${own.join(',')})`
    return [`(${isNothing}?${nothing}:${others})`, ...stops.flatMap((stop) => this.#written(stop))]
  }
}

/** Stands around the local of a call until it is known how often it is used; no literal holds it as it is. */
const EDGE = '\u0001'
const MARK = new RegExp(`${EDGE}(x\\d+)${EDGE}`, 'g')

const keyOf = (head: string, names: readonly string[]): string => `${head} ${literal(names)}`

const isPlain = (node: Node, place: Place): boolean =>
  (PLAIN.has(node.type) || (node.type === 'unary' && node.value !== '{')) &&
  !(node.type === 'variable' && isBound(String(node.value), place.scope)) &&
  childrenOf(node).every((child) => isPlain(child, place))

/** The tree without the places where its parts were written. */
const textOf = (node: Node): string =>
  JSON.stringify(node, (name, value: unknown) => (name === 'position' ? undefined : value))
