import type { Catalog, Log, ModelResource } from '../../engine/index.ts'
import type { FieldKind } from '../api/field-types.ts'
import { flatColumns } from '../api/flat-columns.ts'
import type { Stores } from '../stores/index.ts'
import { ensureViews, type ViewColumn, type ViewKind, type ViewSpec } from '../stores/synced-views.ts'

/** What views have of their own, or what synced data does not hold. */
const LEFT_OUT = ['integrated_account_id', 'tenant_id', 'remote_data']
const KINDS: Readonly<Record<FieldKind, ViewKind>> = {
  ...{ text: 'text', integer: 'integer', number: 'number', boolean: 'boolean', instant: 'instant', date: 'date' },
  ...{ list: 'json', object: 'json', open: 'json' },
}

/** Definitions in use, with whoever is told when they change. */
interface Definitions {
  readonly catalog: Catalog
  onChange(listener: (catalog: Catalog) => void): void
}

/** Views over synced data for each resource of the models follow the definitions. What cannot be made is told, and costs nothing else. */
export async function keepViews(
  { database }: Pick<Stores, 'database'>,
  definitions: Definitions,
  log: Log,
): Promise<void> {
  const refresh = async ({ models }: Catalog): Promise<void> => {
    const resources = [...models.values()].flatMap((model) => [...model.resources.values()])
    try {
      await ensureViews(database, resources.map(viewOf))
    } catch (error) {
      log.error({ err: error }, 'the views over synced data could not be made')
    }
  }
  await refresh(definitions.catalog)
  definitions.onChange((catalog) => void refresh(catalog))
}

const viewOf = ({ model, name, schema }: ModelResource): ViewSpec => ({
  name: `${model}_${name}`.replaceAll('-', '_'),
  model,
  resource: name,
  columns: flatColumns(schema)
    .filter(({ path }) => !LEFT_OUT.includes(path) && !path.startsWith('_meta'))
    .map(({ name: column, path, kind }): ViewColumn => ({ name: column, path, kind: KINDS[kind] })),
})
