import type { Catalog } from '../../engine/index.ts'

/** What happens here beside what providers tell. */
const OWN_TYPES = Object.freeze(
  [
    ...['created', 'active', 'needs_reauth', 'reconnected', 'validation_error', 'post_install_error'],
    ...['disabled', 'enabled', 'updated', 'deleted'],
  ]
    .map((name) => `integrated_account.${name}`)
    .concat('webhook.failing', 'webhook.disabled'),
)

/** Every type that a rule can listen to. */
export function eventTypes({ models }: Pick<Catalog, 'models'>): readonly string[] {
  const listed = [...models.values()].flatMap(({ resources }) => {
    const { properties = {} } = (resources.get('events')?.schema ?? {}) as { properties?: Record<string, object> }
    const { enum: names = [] } = (properties.type ?? {}) as { enum?: readonly unknown[] }
    return names.filter((name) => typeof name === 'string' && name !== 'unknown') as string[]
  })
  return [...new Set([...listed, ...OWN_TYPES])].sort()
}
