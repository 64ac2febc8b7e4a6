import type { Compiled } from '../../expression/index.ts'
import type { FigureList as FigureListSpec, Figures as FiguresSpec, Mapping } from '../../schema/generated.ts'
import type { Expansion, FigureList, Figures } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenMap, frozenCopy } from '../frozen.ts'
import { expressionsOf, maybeExpression } from './slots.ts'

type ExpansionSpec = NonNullable<Mapping['expand']>[string]
type Lists = Extract<ExpansionSpec, { lists: unknown }>['lists']

const DEFAULT_MAX_REQUESTS = 10

/** Compiles an expansion that has no faults. */
export function expansionOf(node: Located<ExpansionSpec>): Expansion {
  const { value } = node
  if ('resource' in value) {
    return { kind: 'records', resource: value.resource, filter: value.filter, query: frozenCopy(value.query ?? {}) }
  }
  const lists = node.as<{ lists: Lists }>().need('lists').entries() as [string, Located<FigureListSpec>][]
  const picks = lists.map(([, list]) => list.value.of?.list)
  const made = lists.map(([name, list]) => [name, listOf(list, whensOf(lists, name), picks.includes(name))] as const)
  return { kind: 'figures', lists: new FrozenMap(made) }
}

/** The conditions that other lists put on the records of one. */
function whensOf(lists: readonly [string, Located<FigureListSpec>][], name: string): Compiled[] {
  return lists.flatMap(([, list]) => {
    const when = list.value.of?.list === name ? maybeExpression(list.at('of')?.at('when')) : undefined
    return when === undefined ? [] : [when]
  })
}

function listOf(node: Located<FigureListSpec>, whens: readonly Compiled[], givesIds: boolean): FigureList {
  const { resource, filter, query = {}, max_requests = DEFAULT_MAX_REQUESTS } = node.value
  const of = node.at('of')
  const figures = node.need('figures').items().map(figuresOf)
  const [name = '', model] = resource.split('/').reverse()
  return {
    model,
    resource: name,
    filter,
    query: frozenCopy(query),
    of: of === undefined ? undefined : { list: of.value.list, when: maybeExpression(of.at('when')) },
    maxRequests: max_requests,
    fields: fieldsOf(figures, whens, givesIds),
    figures,
  }
}

function figuresOf(node: Located<FiguresSpec>): Figures {
  return {
    into: node.value.into,
    by: node.value.by,
    when: maybeExpression(node.at('when')),
    sum: expressionsOf(node.at('sum')),
    min: expressionsOf(node.at('min')),
    max: expressionsOf(node.at('max')),
  }
}

/** Top fields that the expressions read, so that lookups of others are not made. */
function fieldsOf(figures: readonly Figures[], whens: readonly Compiled[], givesIds: boolean): string[] | undefined {
  const own = figures.flatMap(({ when, sum, min, max }) => [
    ...(when === undefined ? [] : [when]),
    ...[sum, min, max].flatMap((all) => [...all.values()]),
  ])
  const paths = [...own, ...whens].flatMap((expression) => expression.paths)
  if (paths.includes('*')) return undefined
  const groups = figures.flatMap(({ by }) => (by === undefined ? [] : [by]))
  const tops = paths.map((path) => path.split('.')[0] ?? path)
  return [...new Set([...(givesIds ? ['id'] : []), ...groups, ...tops])]
}
