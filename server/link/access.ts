import type { Integration } from '../../engine/index.ts'

/** What a connection makes possible, in words that a person reads before they agree; most important first. */
export interface Access {
  readonly kind: 'read' | 'write' | 'money'
  readonly things: readonly string[]
}

/** What can be done through an integration: by its unified resources, or by its native ones where it maps none. */
export function accessOf(integration: Integration): readonly Access[] {
  const found = integration.mappings.size > 0 ? mappedAccess(integration) : nativeAccess(integration)
  return (['read', 'write', 'money'] as const).flatMap((kind) => {
    const things = [...new Set(found.flatMap((one) => (one.kind === kind ? [one.thing] : [])))]
    return things.length === 0 ? [] : [{ kind, things }]
  })
}

interface Found {
  readonly kind: Access['kind']
  readonly thing: string
}

function mappedAccess({ mappings }: Integration): Found[] {
  return [...mappings.values()].flatMap(({ resource, list, get, writes }) => {
    const thing = inWords(resource)
    const reads: Found[] = list === undefined && get === undefined ? [] : [{ kind: 'read', thing }]
    return [...reads, ...[...writes.values()].flatMap(({ effect }) => acting(effect, thing))]
  })
}

function nativeAccess({ resources }: Integration): Found[] {
  return [...resources.values()].flatMap(({ label, operations }) =>
    [...operations.values()].flatMap(({ effect }): Found[] =>
      effect === 'read' ? [{ kind: 'read', thing: label.toLowerCase() }] : acting(effect, label.toLowerCase()),
    ),
  )
}

/** Effects on credentials are never given to a connection by default, so nobody agrees to them here. */
function acting(effect: string, thing: string): Found[] {
  return effect === 'write' || effect === 'money' ? [{ kind: effect, thing }] : []
}

const inWords = (name: string): string => name.replaceAll(/[_-]/g, ' ')
