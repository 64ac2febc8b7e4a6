import type { CompiledTemplate } from '../expression/index.ts'
import type { Method } from '../schema/generated.ts'
import type { Located } from './document.ts'

/** Whether a method answers a list: as it says, or by its name. */
export const isListMethod = (name: string, method: Partial<Pick<Method, 'list'>>): boolean =>
  method.list ?? (name === 'list' || name === 'search')

/** Names of the `$path.<name>` that a path has, in order. */
export function pathParametersOf(path: CompiledTemplate): readonly string[] {
  const paths = path.parts.flatMap((part) => (typeof part === 'string' ? [] : part.variablePaths))
  const names = paths.filter((each) => each.startsWith('path.')).map((each) => each.split('.')[1] ?? '')
  return [...new Set(names)]
}

/** Whether a method takes the id of a record: as it says, or when its path has `$path.id`. */
export function isOnRecord(method: Located<Method>): boolean {
  const { on } = method.value
  if (on !== undefined) return on === 'record'
  const path = method.at('path')?.template
  return path !== undefined && pathParametersOf(path).includes('id')
}
