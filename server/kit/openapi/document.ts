import { readFileSync, statSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { EngineError } from '../../../engine/index.ts'

const MOST_BYTES = 67_108_864
const MOST_ALIASES = 1000

/** Reads a file of JSON or YAML, 64 MB at most. Throws EngineError invalid_request, with what is wrong and where. */
export function readDocument(file: string): unknown {
  let text: string
  try {
    if (statSync(file).size > MOST_BYTES) throw new EngineError('invalid_request', `${file} is larger than 64 MB`)
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof EngineError) throw cause
    throw new EngineError('invalid_request', `${file} cannot be read`, { cause, hint: 'Give the path of a file.' })
  }
  if (/^\s*\{/.test(text)) {
    try {
      return JSON.parse(text)
    } catch {
      // YAML tells better what is wrong, and may read it.
    }
  }
  const document = parseDocument(text, { prettyErrors: true })
  const [error] = document.errors
  if (error !== undefined)
    throw new EngineError('invalid_request', `${file} is neither JSON nor YAML: ${error.message}`)
  return document.toJS({ maxAliasCount: MOST_ALIASES })
}
