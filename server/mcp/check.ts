import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { EngineError } from '../../engine/index.ts'
import type { Arguments } from './contract.ts'
import { refuseUnsafe } from './values.ts'

type Schema = Readonly<Record<string, unknown>>

const ajv = new Ajv2020({ strict: false, allErrors: true })
const compiled = new WeakMap<Schema, ValidateFunction>()
const MOST_TOLD = 10

/** Holds arguments against the schema of a tool. Throws invalid_parameter with everything that is wrong and what fits. */
export function checkArguments(schema: Schema, args: Arguments): void {
  refuseUnsafe(args)
  const validate = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, validate)
  if (validate(args)) return
  const errors = validate.errors ?? []
  const told = errors.map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${String(params.additionalProperty).slice(0, 64)})` : ''
    return `${instancePath === '' ? 'the arguments' : instancePath} ${message}${extra}`
  })
  const allowed = errors.find(({ params }) => 'allowedValues' in params)?.params.allowedValues as unknown[] | undefined
  const missing = errors.flatMap(({ params }) => ('missingProperty' in params ? [String(params.missingProperty)] : []))
  throw new EngineError('invalid_parameter', told.slice(0, MOST_TOLD).join('; '), {
    where: errors[0]?.instancePath || 'arguments',
    valid: allowed?.map(String) ?? Object.keys((schema.properties ?? {}) as object),
    missingFields: missing.length === 0 ? undefined : missing,
  })
}
