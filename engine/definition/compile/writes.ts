import type { Effect, FieldMap, Write, WriteValues } from '../../schema/generated.ts'
import { absentIn } from '../absent.ts'
import type { ModelResource, Operation, WriteMapping, WriteSlot, WriteWay } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenMap } from '../frozen.ts'
import type { MappingLayer } from '../layers.ts'
import { fieldsOf } from './fields.ts'
import { defaultExpression, expressionOf, mapOf, maybeExpression, patternOf, withId, writeSlotsOf } from './slots.ts'

/** Effects from weak to strong. */
const STRENGTH: readonly Effect[] = ['read', 'write', 'credential', 'money']

type Way = { id?: string; when?: string; to: string; path?: WriteValues; query?: WriteValues; body?: WriteValues }
type Read = { from: string; when?: string; path?: WriteValues; query?: WriteValues }

/** Compiles one write. What a way states lies over what the write states for all of them. */
export function writeOf(
  name: string,
  { node, from }: { node: Located<Write>; from: MappingLayer },
  { operations, resource }: { operations: ReadonlyMap<string, Operation>; resource: ModelResource },
): WriteMapping {
  const route = node.at('route') as Located<unknown> as Located<readonly Way[]> | undefined
  const ways = (route?.items() ?? [node as Located<unknown> as Located<Way>]).map((way) =>
    wayOf(way, route === undefined ? undefined : node, operations),
  )
  const followUps = ((node.at('follow_ups') as Located<readonly Way[]> | undefined)?.items() ?? []).map((way) =>
    wayOf(way, undefined, operations),
  )
  const effects = [...ways, ...followUps].map(({ operation }) => operations.get(operation)?.effect ?? 'money')
  const returns = node.at('returns')
  const answered = resource.methods.get(name)?.returns
  return {
    name,
    ways,
    reads: mapOf(node.at('reads') as Located<Record<string, Read>> | undefined, (read) => readOf(read, operations)),
    followUps,
    absent: new FrozenMap(
      absentIn(node.at('absent'), resource.bodies.get(name) ?? {}).map(([field, reason]) => [field, reason.value]),
    ),
    refuse: (node.at('refuse')?.items() ?? []).map((check) => ({
      when: expressionOf(check.need('when')),
      code: check.value.code,
      hint: check.value.hint,
    })),
    returns: {
      resource: returns?.value.resource ?? (answered === resource.name ? undefined : answered),
      of: returns?.value.of ?? 'last',
      reread: returns?.value.reread ?? false,
      fills: writeSlotsOf(returns?.at('fills')),
      fields:
        returns?.at('fields') === undefined ? undefined : fieldsOf(returns.at('fields') as Located<FieldMap>, from),
    },
    effect: effects.reduce((most, each) => (STRENGTH.indexOf(each) > STRENGTH.indexOf(most) ? each : most), 'read'),
  }
}

const ownId = (): WriteSlot => ({ kind: 'expression', expression: defaultExpression('$id', ['id']) })

function wayOf(
  way: Located<Way>,
  general: Located<Write> | undefined,
  operations: ReadonlyMap<string, Operation>,
): WriteWay {
  const id = way.at('id')
  const values = (key: 'path' | 'query' | 'body'): FrozenMap<string, WriteSlot> =>
    new FrozenMap([...writeSlotsOf(general?.at(key)), ...writeSlotsOf(way.at(key))])
  return {
    pattern: id === undefined ? undefined : patternOf(id as Located<string>),
    when: maybeExpression(way.at('when') as Located<string> | undefined),
    operation: way.value.to,
    path: withId(values('path'), operations.get(way.value.to)?.pathParameters ?? [], ownId),
    query: values('query'),
    body: values('body'),
  }
}

function readOf(read: Located<Read>, operations: ReadonlyMap<string, Operation>) {
  const wanted = operations.get(read.value.from)?.pathParameters ?? []
  return {
    operation: read.value.from,
    when: maybeExpression(read.at('when') as Located<string> | undefined),
    path: withId(writeSlotsOf(read.at('path')), wanted, ownId),
    query: writeSlotsOf(read.at('query')),
  }
}
