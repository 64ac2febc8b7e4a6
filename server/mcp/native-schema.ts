import type { JsonRecord, JsonSchema, Operation, Parameter } from '../../engine/index.ts'

interface Branch {
  readonly properties: Record<string, JsonRecord>
  readonly required: string[]
}

/** JSON Schema of the arguments of a native operation: path parameters, `query`, `body` and, for lists, paging. */
export function nativeInput(operation: Operation): { readonly type: 'object'; readonly [key: string]: unknown } {
  const { pathParameters, parameters, isList } = operation
  const query: Branch = { properties: {}, required: [] }
  const body: Branch = { properties: {}, required: [] }
  for (const [name, rule] of parameters) {
    if (rule.in === 'body') grow(body, name.split('.'), rule)
    else if (rule.in !== 'path') add(query, name, rule)
  }
  const paths = pathParameters.map((name): [string, JsonRecord] => [name, pathSchema(name, parameters.get(name))])
  const needed = [
    ...pathParameters,
    ...(query.required.length > 0 ? ['query'] : []),
    ...(body.required.length > 0 ? ['body'] : []),
  ]
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(paths),
      ...(Object.keys(query.properties).length > 0 ? { query: branchSchema(query) } : {}),
      ...(Object.keys(body.properties).length > 0 ? { body: branchSchema(body) } : {}),
      ...(isList ? PAGING : {}),
    },
    ...(needed.length > 0 ? { required: needed } : {}),
  }
}

/** Paging of native lists. */
export const PAGING: JsonRecord = {
  limit: { type: 'integer', minimum: 1, maximum: 1000, description: 'Records of a page; default 10.' },
  next_cursor: { type: 'string', description: 'From the answer before, with all else as it was.' },
}

const pathSchema = (name: string, rule: Parameter | undefined): JsonRecord => ({
  type: 'string',
  minLength: 1,
  description: rule?.description ?? (name === 'id' ? 'Id of the record.' : `Fills \`${name}\` of the path.`),
})

const branchSchema = ({ properties, required }: Branch): JsonRecord => ({
  type: 'object',
  properties,
  ...(required.length > 0 ? { required } : {}),
})

function add({ properties, required }: Branch, name: string, rule: Parameter): void {
  properties[name] = schemaOf(rule)
  if (rule.required === true) required.push(name)
}

/** A dotted name stands within objects of the body; nested fields are never required, as their parents may be missing. */
function grow(body: Branch, path: readonly string[], rule: Parameter): void {
  const [name = '', ...inner] = path
  if (inner.length === 0) {
    add(body, name, rule)
    return
  }
  const parent = body.properties[name] ?? { type: 'object' }
  body.properties[name] = parent
  if (parent.type !== 'object') return
  const properties = (parent.properties ?? {}) as Record<string, JsonRecord>
  parent.properties = properties
  grow({ properties, required: [] }, inner, rule)
}

function schemaOf({
  type,
  description,
  enum: values,
  items,
  minimum,
  maximum,
  max_length: most,
}: Parameter): JsonSchema {
  const told = [description, type === 'file' ? 'Files cannot be sent over MCP.' : undefined].filter(Boolean).join(' ')
  return {
    ...(type === undefined || type === 'any' ? {} : { type: type === 'file' ? 'string' : type }),
    ...(told === '' ? {} : { description: told }),
    ...(values === undefined ? {} : { enum: values }),
    ...(type === 'array' && items !== undefined && items !== 'any' ? { items: { type: items } } : {}),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(most === undefined ? {} : { maxLength: most }),
  }
}
