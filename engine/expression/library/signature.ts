/** A JSON Schema (draft 2020-12) of an argument or a result. */
export type ValueSchema = Readonly<Record<string, unknown>>

/** A parameter of a function; null and missing values are always taken, and mostly passed through. */
export interface Parameter {
  readonly name: string
  readonly schema: ValueSchema
  readonly isOptional: boolean
}

/** A signature in parts. `takesMore`: any number of further arguments like the last. */
export interface Signature {
  readonly name: string
  readonly parameters: readonly Parameter[]
  readonly takesMore: boolean
  readonly result: ValueSchema
}

const FORM = /^\$(\w+)\((.*)\): (.+)$/
const PARAMETER = /^(\w+)(\?)?(?:: (.+))?$/
const PLAIN = new Set(['string', 'number', 'integer', 'boolean', 'object', 'null'])

/** Reads `$name(a: string, b?: number | "x"): { c, d? }`. Throws a TypeError where the text has another form. */
export function readSignature(text: string): Signature {
  const [, name = '', inside = '', result = ''] = FORM.exec(text) ?? refuse(text)
  const parts = inside === '' ? [] : inside.split(', ')
  const takesMore = parts.at(-1) === '...'
  const parameters = (takesMore ? parts.slice(0, -1) : parts).map((part) => {
    const [, parameter = '', mark, type = 'any'] = PARAMETER.exec(part) ?? refuse(text)
    return { name: parameter, schema: schemaOf(type), isOptional: mark === '?' }
  })
  return { name, parameters, takesMore, result: schemaOf(result) }
}

function schemaOf(type: string): ValueSchema {
  if (type.startsWith('(') && type.endsWith(')[]')) return { type: 'array', items: schemaOf(type.slice(1, -3)) }
  const kinds = type.split(' | ')
  if (kinds.length > 1) return { anyOf: kinds.map(schemaOf) }
  if (type === 'any') return {}
  if (PLAIN.has(type)) return { type }
  if (type.startsWith('"') && type.endsWith('"')) return { const: type.slice(1, -1) }
  if (type.endsWith('[]')) return { type: 'array', items: schemaOf(type.slice(0, -2)) }
  if (!(type.startsWith('{ ') && type.endsWith(' }'))) refuse(type)
  const fields = type.slice(2, -2).split(', ')
  return {
    type: 'object',
    required: fields.filter((field) => !field.endsWith('?')),
    properties: Object.fromEntries(fields.map((field) => [field.replace('?', ''), {}])),
    additionalProperties: false,
  }
}

function refuse(text: string): never {
  throw new TypeError(`${text} is not a signature`)
}
