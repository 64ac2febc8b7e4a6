import { readBodyPath, withBodyPath } from '../body-path.ts'
import type { Operation } from '../definition/catalog.ts'
import type { PageInput } from '../pagination/index.ts'

/** The input with the values that the definition gives to parameters which the call does not name. */
export function withDefaults(operation: Operation, input: PageInput, variables: object): PageInput {
  let filled = input
  for (const [name, expression] of operation.request.defaults) {
    const { in: place, type } = operation.parameters.get(name) ?? { in: 'path' }
    const found = expression.evaluate(undefined, { ...variables })
    if (found === undefined || found === null || found === '') continue
    const value = type === 'boolean' && typeof found === 'string' ? found === 'true' : found
    if (place === 'query' && filled.query[name] === undefined)
      filled = { ...filled, query: { ...filled.query, [name]: value } }
    if (place === 'body' && takesFields(filled.body) && readBodyPath(filled.body, name) === undefined)
      filled = { ...filled, body: withBodyPath(filled.body, name, value) }
  }
  return filled
}

/** Whether a body is one that has fields, or none yet. */
const takesFields = (body: unknown): boolean =>
  body === undefined || (typeof body === 'object' && body !== null && Object.getPrototypeOf(body) === Object.prototype)
