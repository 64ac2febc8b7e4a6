import type { Mapping, MappingFile, SourceKeys } from '../../schema/generated.ts'
import type { ModelResource } from '../catalog.ts'
import type { Located } from '../document.ts'
import { type MappingLayer, topmost } from '../layers.ts'
import type { Subject } from '../registry.ts'

/** A mapping with all that it is checked against. */
export interface View {
  readonly subject: Subject
  readonly file: Located<MappingFile>
  readonly mapping: Located<Mapping>
  /** The mapping that it uses, below its own. */
  readonly layers: readonly MappingLayer[]
  readonly resource: ModelResource
  /** True for the mapping of an override, which may remove what a layer below states. */
  readonly isOverride?: boolean
}

/** A source that is one operation, with the names of the parameters that its wrappings fill. */
export interface Leaf {
  readonly node: Located<SourceKeys>
  readonly filledByWindow: readonly string[]
}

/** The operations at the bottom of a list's sources. */
export function leavesOf(source: Located<SourceKeys>, filledByWindow: readonly string[] = []): Leaf[] {
  const below = (node: Located<unknown> | undefined, filled = filledByWindow): Leaf[] =>
    node === undefined ? [] : leavesOf(node as Located<SourceKeys>, filled)
  const { window } = source.value
  return [
    ...(source.at('from') === undefined ? [] : [{ node: source, filledByWindow }]),
    ...((source.at('union') as Located<readonly SourceKeys[]> | undefined)?.items() ?? []).flatMap((each) =>
      below(each),
    ),
    ...below(source.at('partition')?.at('source')),
    ...below(source.at('window')?.at('source'), [...filledByWindow, window?.from ?? '', window?.to ?? '']),
    ...((source.at('route') as Located<readonly { source: SourceKeys }[]> | undefined)?.items() ?? []).flatMap((way) =>
      below(way.at('source')),
    ),
  ]
}

/** The leaves of the list of a mapping. */
export function leavesOfMapping({ layers }: View): Leaf[] {
  const list = topmost(layers, 'list')
  return list === undefined ? [] : leavesOf(list as Located<SourceKeys>)
}

/** The native resources that the records of a mapping come from. */
export function nativeResources(view: View): string[] {
  const get = topmost(view.layers, 'get')
  const routes = (get?.at('route') as Located<readonly { from: string }[]> | undefined)?.items() ?? []
  const operations = [
    ...leavesOfMapping(view).map(({ node }) => node.value.from),
    get?.value.from,
    ...routes.map((way) => way.value.from),
  ]
  return [...new Set(operations.flatMap((operation) => operation?.split('.')[0] ?? []))]
}
