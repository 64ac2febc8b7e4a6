import type { Field, FieldMap } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import { shapesOf } from '../layers.ts'
import type { View } from './view.ts'

/** A path of the native record that a field reads. */
export interface NativeRead {
  /** The expression that reads it. */
  readonly node: Located<string>
  /** As the expression has it; dotted, lists transparent. */
  readonly path: string
  /** From the record itself; undefined where what the expression looks at is computed. */
  readonly native: string | undefined
}

interface Place {
  readonly view: View
  readonly native: string | undefined
}

type Nested = { use?: string; from?: string; each?: string; fields?: FieldMap; map?: object; when?: readonly Rule[] }
type Rule = { if: string; then: unknown }

/** What the fields of a mapping read of the native record, variants and the shapes that they use included. */
export function readsOf(view: View): NativeRead[] {
  const place: Place = { view, native: '' }
  const variants = (view.mapping.at('variants')?.items() ?? []) as Located<{ fields: FieldMap }>[]
  return [view.mapping.at('fields'), ...variants.map((variant) => variant.at('fields'))].flatMap((map) =>
    readsOfMap(map, place),
  )
}

const readsOfMap = (map: Located<FieldMap> | undefined, place: Place): NativeRead[] =>
  ((map?.entries() ?? []) as [string, Located<Field>][]).flatMap(([, node]) => readsOfField(node, place))

function readsOfField(node: Located<Field>, place: Place): NativeRead[] {
  const { value } = node
  if (typeof value === 'string') return readsIn(node as Located<string>, place)
  if (typeof value !== 'object' || value === null || 'const' in value || '$remove' in value) return []
  const nested = node as Located<unknown> as Located<Nested>
  if ('value' in value) return readsIn((node as Located<unknown> as Located<{ value: string }>).at('value'), place)
  if ('map' in value) return readsIn(nested.at('from'), place)
  if ('when' in value) return readsOfRules(nested, place)
  const from = nested.at('each') ?? nested.at('from')
  const own = from === undefined ? '' : plainPath(from)
  const native = place.native === undefined || own === undefined ? undefined : join(place.native, own)
  const inner = { ...place, native }
  const shape = shapesOf(place.view.file).get((nested.value.use ?? '').replace('shapes.', ''))
  return [...readsIn(from, place), ...readsOfMap(shape, inner), ...readsOfMap(nested.at('fields'), inner)]
}

function readsOfRules(node: Located<Nested>, place: Place): NativeRead[] {
  const rules = (node.at('when')?.items() ?? []) as Located<Rule>[]
  const otherwise = (node as Located<unknown> as Located<{ else?: unknown }>).at('else') as Located<unknown> | undefined
  const inElse = typeof otherwise?.value === 'object' && otherwise.value !== null ? otherwise : undefined
  return [
    ...rules.flatMap((rule) => readsIn(rule.at('if'), place)),
    ...(inElse === undefined ? [] : readsOfField(inElse as Located<Field>, place)),
  ]
}

function readsIn(node: Located<string> | undefined, { native }: Place): NativeRead[] {
  const paths = node?.expression?.paths ?? []
  if (node === undefined || paths.includes('*')) return []
  return paths.map((path) => ({ node, path, native: native === undefined ? undefined : join(native, path) }))
}

/** Two dotted paths as one. */
export const join = (outer: string, inner: string): string => [outer, inner].filter((part) => part !== '').join('.')

/** The dotted path that an expression is, empty for `$`, the record itself; undefined when it computes. */
export function plainPath({ expression }: Located<string>): string | undefined {
  if (expression === undefined || expression.backend !== 'path' || expression.variables.length > 0) return undefined
  const [path, other] = expression.paths
  return other !== undefined ? undefined : path === '*' ? '' : path
}

/** Where a path stands in the text of its expression; the whole text where it is written otherwise. */
export function spanOfPath({ node, path }: NativeRead): { offset: number; length: number } | undefined {
  const offset = node.value.indexOf(path)
  return offset === -1 ? undefined : { offset, length: path.length }
}
