import type { Constant, Field, FieldMap } from '../../schema/generated.ts'
import type { FieldSpec, Layer, TableField } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenMap, frozenCopy } from '../frozen.ts'
import { expressionOf, maybeExpression } from './slots.ts'

/** What a field is compiled with: the layer that states it and the shapes that it may use. */
export interface FieldContext {
  readonly layer: Layer
  readonly shapes: ReadonlyMap<string, Located<FieldMap>>
}

type Union<K extends PropertyKey> = Extract<Field, { [P in K]: unknown }>
type Table = Union<'map'>
type Rules = Union<'when'>
type Each = Union<'each'>
type Nested = Extract<Field, { use: string }>

/** Compiles how one unified field is made. Shapes become an object with the shape's fields, own ones over them. */
export function fieldOf(node: Located<Field>, context: FieldContext): FieldSpec {
  const base = { layer: context.layer, address: node.address }
  const { value } = node
  if (typeof value === 'string') {
    return { ...base, kind: 'expression', expression: expressionOf(node as Located<string>), nullReason: undefined }
  }
  if ('const' in value) return { ...base, kind: 'const', value: frozenCopy((value as Constant).const) }
  if ('map' in value) return { ...base, ...tableOf(node as Located<unknown> as Located<Table>) }
  if ('when' in value) return { ...base, ...rulesOf(node as Located<unknown> as Located<Rules>) }
  if ('each' in value) {
    const list = node as Located<unknown> as Located<Each>
    return { ...base, kind: 'each', each: expressionOf(list.need('each')), fields: shapedFields(list, context) }
  }
  if ('value' in value) {
    const long = node as Located<unknown> as Located<Union<'value'>>
    return {
      ...base,
      kind: 'expression',
      expression: expressionOf(long.need('value')),
      nullReason: long.value.null_reason,
    }
  }
  const nested = node as Located<unknown> as Located<Nested>
  return { ...base, kind: 'object', from: maybeExpression(nested.at('from')), fields: shapedFields(nested, context) }
}

/** Compiles fields by name. */
export const fieldsOf = (node: Located<FieldMap> | undefined, context: FieldContext): FrozenMap<string, FieldSpec> =>
  new FrozenMap((node?.entries() ?? []).map(([name, field]) => [name, fieldOf(field as Located<Field>, context)]))

function shapedFields(
  node: Located<{ use?: string; fields?: FieldMap }>,
  context: FieldContext,
): FrozenMap<string, FieldSpec> {
  const use = node.at('use')?.value
  const shape = use === undefined ? undefined : context.shapes.get(use.replace('shapes.', ''))
  return new FrozenMap([...fieldsOf(shape, context), ...fieldsOf(node.at('fields'), context)])
}

function tableOf(node: Located<Omit<Table, 'raw'> & { raw?: boolean }>): TableField {
  const { map, absent = null, raw = true } = node.value
  return { kind: 'table', from: expressionOf(node.need('from')), map: new FrozenMap(Object.entries(map)), absent, raw }
}

function rulesOf(node: Located<Rules>) {
  const otherwise = node.at('else')
  const isTable = typeof otherwise?.value === 'object' && otherwise.value !== null
  const rules = node.need('when').items() as Located<Rules['when'][number]>[]
  return {
    kind: 'rules' as const,
    // biome-ignore lint/suspicious/noThenProperty: the name is the language's own
    rules: rules.map((rule) => ({ if: expressionOf(rule.need('if')), then: rule.value.then })),
    otherwise: isTable
      ? tableOf(otherwise as Located<unknown> as Located<Table>)
      : { kind: 'const' as const, value: otherwise?.value ?? null },
    raw: maybeExpression(node.at('raw')),
  }
}
