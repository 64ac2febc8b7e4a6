import type { FieldMap, MappingFile } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { shapesOf } from '../layers.ts'
import type { Subject } from '../registry.ts'

/** Shapes that nothing uses, and shapes inside shapes. */
export function checkShapes(_subject: Subject, file: Located<MappingFile>): Issue[] {
  const shapes = shapesOf(file)
  const used = shapesIn(file.value)
  const isUnclear = [...used].some((name) => !shapes.has(name))
  return [...shapes].flatMap(([name, shape]) => [
    ...(used.has(name) || isUnclear ? [] : [unusedShape(name, shape)]),
    ...shape
      .entries()
      .filter(([, field]) => shapesIn(field.value).size > 0)
      .map(([, field]) => {
        const hint = 'Write the fields of the inner shape out; dotted names nest.'
        return field.issue('key', 'nested_use', { message: 'a shape does not use another shape', hint })
      }),
  ])
}

const unusedShape = (name: string, shape: Located<FieldMap>): Issue =>
  shape.issue('key', 'unused_key', { message: `nothing uses the shape \`${name}\``, hint: 'Remove it, or use it.' })

/** Names of the shapes that data uses, however deep. */
export function shapesIn(data: unknown): Set<string> {
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, each] of Object.entries(value)) {
      if (key === 'use' && typeof each === 'string' && each.startsWith('shapes.'))
        found.add(each.slice('shapes.'.length))
      else visit(each)
    }
  }
  visit(data)
  return found
}
