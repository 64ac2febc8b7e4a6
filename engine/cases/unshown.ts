import type { Catalog, ResourceMapping } from '../definition/catalog.ts'
import { Located } from '../definition/document.ts'
import { placeOf, type SourceFile } from '../definition/files.ts'
import type { Issue } from '../definition/issue.ts'
import { readYaml } from '../definition/yaml.ts'
import type { MappingFile } from '../schema/generated.ts'
import { type FoundCase, findCases } from './index.ts'

/** Mapped resources that no case shows, by a call or a delivery, of themselves or of the mapping that they use. Warnings. */
export function unshownIssues(catalog: Catalog, files: readonly SourceFile[]): Issue[] {
  const shown = new Set(findCases(files).flatMap((each) => shownBy(each, catalog)))
  return files.flatMap((file) => {
    const place = placeOf(file.path)
    const mappings = [...(catalog.integrations.get(place?.owner ?? '')?.mappings.values() ?? [])]
    const left = mappings.filter(
      (each) => each.model === place?.stem && isUsed(catalog, each) && !shown.has(nameOf(each)),
    )
    if (place?.kind !== 'mapping' || left.length === 0) return []
    const { document } = readYaml(file, 'mapping')
    const resources = new Located(document, '', document.data as MappingFile).at('resources')
    return left.flatMap(({ resource, list, get, writes }) => {
      const node = resources?.at(resource)
      const isCalled = list !== undefined || get !== undefined || writes.size > 0
      const message = `no case shows \`${resource}\``
      const call = `\`call: { model: ${place.stem}, resource: ${resource}, method: ... }\` with its exchange and what comes out`
      const hint = `Add one in cases/: ${isCalled ? call : '`deliveries:` with what the provider sends and the events in it'}.`
      const used = node?.value.use
      return node === undefined || shown.has(`${place.owner} ${used}`)
        ? []
        : [node.issue('key', 'no_case', { severity: 'warning', message, hint })]
    })
  })
}

const nameOf = ({ integration, model, resource }: ResourceMapping): string => `${integration} ${model}/${resource}`

function shownBy({ integration, value }: FoundCase, catalog: Catalog): string[] {
  if ('delivery' in value) {
    const { as } = catalog.integrations.get(integration)?.webhooks ?? {}
    return [`${integration} ${as?.model}/${as?.resource}`]
  }
  return 'call' in value && value.call !== undefined
    ? [`${integration} ${value.call.model}/${value.call.resource}`]
    : []
}

/** Whether something can be called, or is what events are mapped by; the rest only shapes the answers of others. */
function isUsed(catalog: Catalog, { integration, model, resource, list, get, writes }: ResourceMapping): boolean {
  const { as } = catalog.integrations.get(integration)?.webhooks ?? {}
  return list !== undefined || get !== undefined || writes.size > 0 || (as?.model === model && as.resource === resource)
}
