import type { Mapping, MappingFile } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { findMapping, platformLayers } from '../layers.ts'
import type { Subject } from '../registry.ts'
import { unknownName } from '../words.ts'
import { checkCannot } from './cannot.ts'
import { checkExpand } from './expand.ts'
import { checkFields } from './fields.ts'
import { checkFilters } from './filters.ts'
import { checkLookups } from './lookups.ts'
import { checkSeenPaths } from './seen-paths.ts'
import { checkShapes } from './shapes.ts'
import { checkSources } from './sources.ts'
import type { View } from './view.ts'
import { checkWrites } from './writes.ts'

const CHECKS: readonly ((view: View) => readonly Issue[])[] = [
  checkSources,
  checkCannot,
  checkFilters,
  checkFields,
  checkLookups,
  checkWrites,
  checkExpand,
  checkSeenPaths,
]

/** Mappings against the models, the operations and each other. */
export function checkMappings(subject: Subject): Issue[] {
  return [...subject.integration.mappings.values()].flatMap((file) => {
    const model = file.at('model')
    const known = model === undefined ? undefined : subject.models.get(model.value)
    if (model === undefined) return []
    if (known === undefined) {
      return [unknownName(model, 'value', 'unknown_model', 'unified model', model.value, subject.models.keys())]
    }
    const mappings = file.at('resources')?.entries() as [string, Located<Mapping>][] | undefined
    const found = (mappings ?? []).flatMap(([name, mapping]) => {
      const resource = known.resources.get(name)
      if (resource !== undefined) return mappingIssues({ subject, file, mapping, resource, layers: [] })
      const valid = known.resources.keys()
      return [unknownName(mapping, 'key', 'unknown_unified_resource', 'unified resource', name, valid)]
    })
    return [...found, ...checkShapes(subject, file)]
  })
}

function mappingIssues(view: View): Issue[] {
  const { file, mapping, subject } = view
  const whole = { ...view, layers: platformLayers(subject.integration, file, mapping) }
  return [...useIssues(subject, file, mapping), ...CHECKS.flatMap((check) => check(whole))]
}

function useIssues({ integration }: Subject, file: Located<MappingFile>, mapping: Located<Mapping>): Issue[] {
  const use = mapping.at('use')
  if (use === undefined) return []
  const own = `${file.value.model}/${mapping.pointer.split('/').at(-1)}`
  const base = findMapping(integration, use.value)
  if (base === undefined) {
    const known = [...integration.mappings].flatMap(([model, { value }]) =>
      Object.keys(value.resources ?? {}).map((name) => `${model}/${name}`),
    )
    return [unknownName(use, 'value', 'unknown_unified_resource', 'mapping of this integration', use.value, known)]
  }
  const next = base.mapping.at('use')?.value
  if (use.value === own || next === own) {
    const message = use.value === own ? `\`${own}\` uses itself` : `\`${own}\` and \`${use.value}\` use each other`
    return [use.issue('value', 'use_cycle', { message, hint: 'Write one of them out.' })]
  }
  if (next === undefined) return []
  const facts = { message: `\`${use.value}\` uses another mapping itself`, hint: `Use \`${next}\`, or write it out.` }
  return [use.issue('value', 'nested_use', facts)]
}
