import type { ModelResource } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isObject, reasonOf, validatorOf } from '../mapping/index.ts'

/** Faults that are named one by one. */
const MOST_TOLD = 20

/**
 * The body of a write, checked against the model. Throws EngineError invalid_body with every pointer that does not fit; a
 * write without a body schema takes none.
 */
export function requireBody(resource: ModelResource, method: string, given: unknown): unknown {
  const schema = resource.bodies.get(method)
  const body = given ?? {}
  if (schema === undefined) {
    if (isObject(body) && Object.keys(body).length === 0) return body
    throw new EngineError('invalid_body', `${method} takes no body`, { where: '/' })
  }
  const validate = validatorOf(schema)
  if (validate(body)) return body
  const problems = (validate.errors ?? []).map((error) => {
    const { missingProperty, additionalProperty } = error.params as Record<string, string | undefined>
    const own = missingProperty ?? additionalProperty
    const pointer = `${error.instancePath}${own === undefined ? '' : `/${own}`}` || '/'
    return {
      pointer,
      missing: missingProperty,
      reason: missingProperty === undefined ? reasonOf(error) : 'is required',
    }
  })
  const unique = [...new Map(problems.map((problem) => [problem.pointer, problem])).values()]
  const missing = unique.flatMap(({ missing }) => missing ?? [])
  const known = Object.keys(isObject(schema.properties) ? schema.properties : {})
  const told = unique.slice(0, MOST_TOLD).map(({ pointer, reason }) => `\`${pointer}\` ${reason}`)
  const more = unique.length > MOST_TOLD ? `; and ${unique.length - MOST_TOLD} more` : ''
  throw new EngineError('invalid_body', told.join('; ') + more, {
    where: unique[0]?.pointer,
    valid: known,
    missingFields: missing.length > 0 ? missing : undefined,
  })
}
