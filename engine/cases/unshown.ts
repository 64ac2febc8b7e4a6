import type { Catalog, ResourceMapping } from '../definition/catalog.ts'
import { Located } from '../definition/document.ts'
import { placeOf, type SourceFile } from '../definition/files.ts'
import type { Issue } from '../definition/issue.ts'
import { readYaml } from '../definition/yaml.ts'
import type { MappingFile } from '../schema/generated.ts'
import type { FoundCase } from './index.ts'

/** Mapped resources that no case shows, by a call or, where nothing can be called, by a delivery. Warnings. */
export function unshownIssues(catalog: Catalog, files: readonly SourceFile[], cases: readonly FoundCase[]): Issue[] {
  const shown = new Set(cases.flatMap((each) => shownBy(catalog, each)))
  return files.flatMap((file) => {
    const place = placeOf(file.path)
    const mappings = [...(catalog.integrations.get(place?.owner ?? '')?.mappings.values() ?? [])]
    const left = mappings.filter((each) => each.model === place?.stem && hasMore(each) && !shown.has(nameOf(each)))
    if (place?.kind !== 'mapping' || left.length === 0) return []
    const { document } = readYaml(file, 'mapping')
    const resources = new Located(document, '', document.data as MappingFile).at('resources')
    return left.flatMap(({ resource }) => {
      const node = resources?.at(resource)
      const message = `no case shows \`${resource}\``
      const hint = `Add one in cases/: \`call: { model: ${place.stem}, resource: ${resource}, method: ... }\` with its exchange and what comes out.`
      return node === undefined ? [] : [node.issue('key', 'no_case', { severity: 'warning', message, hint })]
    })
  })
}

const nameOf = ({ integration, model, resource }: ResourceMapping): string => `${integration} ${model}/${resource}`

/** Whether a mapping says more than what cannot be done. */
const hasMore = ({ fields, list, get, writes }: ResourceMapping): boolean =>
  fields.size > 0 || list !== undefined || get !== undefined || writes.size > 0

function shownBy(catalog: Catalog, { integration, value }: FoundCase): string[] {
  if ('delivery' in value) {
    const { as } = catalog.integrations.get(integration)?.webhooks ?? {}
    return as === undefined ? [] : [`${integration} ${as.model}/${as.resource}`]
  }
  return 'call' in value && value.call !== undefined
    ? [`${integration} ${value.call.model}/${value.call.resource}`]
    : []
}
