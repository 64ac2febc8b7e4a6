import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { pathParametersOf } from '../operations.ts'
import type { RawIntegration } from '../registry.ts'
import { didYouMean, shortList } from '../words.ts'

/** Which operation a slot calls, what fills its path there, and what the engine fills by itself. */
export interface PathUse {
  readonly from: Located<string>
  readonly given: readonly (readonly [string, Located<unknown>])[]
  readonly filled: readonly string[]
}

/** Path parameters that nothing fills, and values for parameters that the path does not have. */
export function pathIssues(integration: RawIntegration, { from, given, filled }: PathUse): Issue[] {
  const template = integration.operations.get(from.value)?.at('path')?.template
  if (template === undefined) return []
  const wanted = pathParametersOf(template)
  const names = given.map(([name]) => name)
  const missing = wanted.filter((name) => !names.includes(name) && !filled.includes(name))
  const foreign = given.filter(([name]) => !wanted.includes(name))
  return [
    ...missing.map((name) =>
      from.issue('value', 'path_parameter', {
        message: `nothing fills \`{{ $path.${name} }}\` of \`${from.value}\``,
        hint: `Add \`path: { ${name}: ... }\`.`,
      }),
    ),
    ...foreign.map(([name, node]) =>
      node.issue('key', 'path_parameter', {
        message: `the path of \`${from.value}\` has no \`{{ $path.${name} }}\``,
        hint: `${didYouMean(name, wanted)}${wanted.length === 0 ? 'It has no parameters.' : `It has ${shortList(wanted)}.`}`,
        valid: wanted,
      }),
    ),
  ]
}

/** Names that are sent and that the operation does not declare; only where it declares any there. A warning. */
export function parameterIssues(
  integration: RawIntegration,
  from: Located<string>,
  where: 'query' | 'body',
  given: readonly (readonly [string, Located<unknown>])[],
): Issue[] {
  const method = integration.operations.get(from.value)
  const declared = Object.entries(method?.value.parameters ?? {})
    .filter(([, parameter]) => parameter.in === where)
    .map(([name]) => name)
  if (declared.length === 0) return []
  const heads = new Set([...declared, ...declared.map(headOf)])
  return given
    .filter(([name]) => !heads.has(name) && !heads.has(headOf(name)))
    .map(([name, node]) =>
      node.issue('key', 'unknown_parameter', {
        severity: 'warning',
        message: `\`${from.value}\` declares no ${where} parameter \`${name}\``,
        hint: `${didYouMean(name, declared)}Declared are ${shortList(declared)}.`,
        valid: declared,
      }),
    )
}

const headOf = (name: string): string => name.split(/[.[]/)[0] ?? name
