import type { Node } from '../ast.ts'
import { BUILTINS } from '../builtins.ts'
import { bindingsIn } from '../scope.ts'
import { any, type Binding, type Code, given, literal, type Place, raw, type Scope, scalar, Uncovered } from './code.ts'
import type { Globals } from './globals.ts'

/** What a name means when no block, lambda or path around it binds it. */
export type Global = 'variable' | 'library' | 'builtin' | 'nothing'

/** Whether a name may be bound by a block, a lambda or a path around it. */
export function isBound(name: string, scope: Scope | undefined): boolean {
  for (let at = scope; at !== undefined; at = at.outer) if ('names' in at && at.names.has(name)) return true
  return tuplesAround(scope).length > 0
}

/** What a name means outside the expression's own bindings. */
export function globalOf(name: string, scope: ReadonlySet<string>, globals: Globals): Global {
  if (scope.has(name)) return 'variable'
  if (globals.library.has(name)) return 'library'
  return BUILTINS.has(name) ? 'builtin' : 'nothing'
}

/** The value of a variable. */
export function emitVariable(node: Node, place: Place, globals: Globals): Code {
  const name = String(node.value)
  if (name === '$') return given(place.ground.record)
  if (name === '') return place.isRoot ? given(place.ground.record) : own(place)
  const global = globalOf(name, place.ground.scope, globals)
  if (!isBound(name, place.scope)) return globalValue(name, global, place, globals)
  const kind = kindOf(name, place.scope)
  if (kind !== undefined)
    return scalar(
      lookedUp(name, place.scope, () => 'U'),
      kind,
    )
  // a parameter may hold what another function gave, not yet collapsed
  return raw(lookedUp(name, place.scope, () => globalValue(name, global, place, globals).js))
}

const own = ({ input, isFlat, out }: Place): Code => (isFlat ? given(input) : any(out.call('collapse', input)))

function globalValue(name: string, global: Global, { out, ground }: Place, globals: Globals): Code {
  if (global === 'variable') return given(ground.given.get(name) ?? out.variable(name))
  if (global === 'library') return any(out.constant(globals.library.get(name)?.value, `library ${name}`))
  return global === 'builtin' ? any(out.constant(globals.native(name), `native ${name}`)) : scalar('U', 'leaf')
}

function lookedUp(name: string, scope: Scope | undefined, otherwise: () => string): string {
  if (scope === undefined) return otherwise()
  const outside = () => lookedUp(name, scope.outer, otherwise)
  if ('tuple' in scope) return `(${literal(name)}in ${scope.tuple}?${scope.tuple}[${literal(name)}]:${outside()})`
  const binding = scope.names.get(name)
  if (binding === undefined) return outside()
  return binding.isSet ? binding.js : `(${binding.js}!==UNSET?${binding.js}:${outside()})`
}

/** What the value of a name is known to be, where its binding is the nearest and has been made. */
function kindOf(name: string, scope: Scope | undefined): Code['kind'] | undefined {
  if (scope === undefined || 'tuple' in scope) return undefined
  const binding = scope.names.get(name)
  return binding === undefined ? kindOf(name, scope.outer) : binding.isSet ? binding.kind : undefined
}

/** `%`: the value under the label that the parser gave it, on the tuples around. */
export function emitParent(node: Node, place: Place): Code {
  const label = (node as { slot?: { label?: unknown } }).slot?.label
  const found = tuplesAround(place.scope).map((tuple) => `${literal(label)}in ${tuple}?${tuple}[${literal(label)}]:`)
  return any(place.out.call('collapse', `${found.join('')}U`))
}

function tuplesAround(scope: Scope | undefined): string[] {
  if (scope === undefined) return []
  return [...('tuple' in scope ? [scope.tuple] : []), ...tuplesAround(scope.outer)]
}

/** A scope for the names that some nodes bind where they stand; all of them unset. */
export function frameOf(
  nodes: readonly Node[],
  place: Place,
): { readonly names: Map<string, Binding>; readonly reset: string[] } {
  const names = new Map<string, Binding>()
  const bound = nodes.flatMap((node) => bindingsIn(node))
  for (const name of new Set(bound)) {
    const isOnly = bound.indexOf(name) === bound.lastIndexOf(name)
    names.set(name, { js: place.unit.local(place.out.fresh('x')), isSet: false, isOnly })
  }
  return { names, reset: [...names.values()].map(({ js }) => `${js}=UNSET`) }
}

/** `:=`: binds in the nearest block or lambda. `isDirect`: nothing can run after it that has not seen it. */
export function emitBind(node: Node, place: Place, isDirect: boolean): Code {
  const name = String((node.lhs as Node | undefined)?.value)
  const { scope } = place
  const binding = scope !== undefined && 'names' in scope ? scope.names.get(name) : undefined
  if (binding === undefined || node.rhs === undefined) throw new Uncovered('binding inside a path with names')
  if (isDirect && node.rhs.type === 'lambda') binding.isSet = true
  const value = place.out.emit(node.rhs, place)
  if (isDirect) binding.isSet = true
  const isKnown = value.kind !== 'any'
  if (isDirect && binding.isOnly === true && isKnown) binding.kind = value.kind
  return { ...raw(`(${binding.js}=${value.js})`, isKnown), kind: value.kind }
}
