import type { Catalog, ModelResource } from '../../engine/index.ts'
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

/** Views over synced data for each resource of the models, made or grown where they are behind. Throws `store_failed`. */
export async function refreshViews({ database }: Pick<Stores, 'database'>, catalog: Catalog): Promise<void> {
  const resources = [...catalog.models.values()].flatMap((model) => [...model.resources.values()])
  await ensureViews(database, resources.map(viewOf))
}

const viewOf = ({ model, name, schema }: ModelResource): ViewSpec => ({
  name: `${model}_${name}`.replaceAll('-', '_'),
  model,
  resource: name,
  columns: flatColumns(schema)
    .filter(({ path }) => !LEFT_OUT.includes(path) && !path.startsWith('_meta'))
    .map(({ name: column, path, kind }): ViewColumn => ({ name: column, path, kind: KINDS[kind] })),
})
