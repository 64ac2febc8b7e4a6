import { ERRORS } from '../../errors.ts'
import type { Issue } from '../issue.ts'
import { issueAt } from '../issue.ts'
import type { Subject } from '../registry.ts'
import { SourceText } from '../source-text.ts'
import { unknownName } from '../words.ts'

/** Operations and error codes that are referred to and do not exist, and an integration without its main file. */
export function checkReferences({ integration }: Subject): Issue[] {
  const { references, operations, isBroken, definition, name } = integration
  const found = references.flatMap(({ kind, node }) => {
    if (kind === 'error-code') {
      const valid = Object.keys(ERRORS)
      return valid.includes(node.value)
        ? []
        : [unknownName(node, 'value', 'unknown_error_code', 'code', node.value, valid)]
    }
    if (isBroken || operations.has(node.value)) return []
    return [unknownName(node, 'value', 'unknown_operation', 'operation', node.value, operations.keys())]
  })
  if (definition !== undefined || isBroken) return found
  const [document] = integration.documents
  const source = document?.source ?? new SourceText(`integrations/${name}/integration.yaml`, '')
  const facts = {
    message: `integrations/${name}/integration.yaml is missing`,
    hint: 'Every integration starts with it.',
  }
  return [...found, issueAt(source, [0, 0], 'missing_key', facts)]
}
