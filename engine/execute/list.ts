import { EngineError } from '../errors.ts'
import type { Json } from '../mapping/index.ts'
import { answerRecords } from './answer.ts'
import type { ListAnswer } from './contract.ts'
import { askedIds, listByIds } from './list-by-ids.ts'
import { listOf, listPage, type NativePage } from './list-page.ts'
import { FRESH, type ListState } from './list-state.ts'
import type { Session } from './session.ts'

/** A unified list: one page, its cursors and what it cost. */
export async function unifiedList(session: Session): Promise<ListAnswer> {
  requireSort(session)
  const binding = bindingOf(session)
  const { cursors } = session.context.ports
  const { cursor } = session.query
  const state = cursor === undefined ? FRESH : (cursors.open(cursor, binding) as ListState)
  const asked = await askedIds(session, state)
  const page = asked === undefined ? await listPage(session, state) : await listByIds(session, asked)
  const result = await answerRecords(session, page.found)
  const seal = (to: ListState | null): string | null => (to === null ? null : cursors.seal(to, binding))
  return {
    kind: 'list',
    result,
    nextCursor: seal(page.next),
    prevCursor: seal(page.prev),
    isPartial: page.isPartial,
    ...(session.query.explain ? { explain: explainList(session, page) } : {}),
    report: session.call.report(),
  }
}

function explainList(session: Session, page: NativePage): Json {
  const { order } = listOf(session)
  return {
    order: `${order.descending ? '-' : ''}${order.field}`,
    sources: [...new Set(page.found.map(({ operation, source }) => source ?? operation.id))],
    filters: page.modes,
    upstream_requests: session.call.requests,
  }
}

/** What a cursor belongs to: the same records in the same order. How they are shown may change between pages. */
function bindingOf({ account, model, resource, query }: Session): string {
  const { filters, sort, filterModes } = query
  return JSON.stringify([account.environmentId, account.id, model, resource.name, filters, sort, filterModes])
}

/** Only the order that the source has can be asked for. Throws unsupported_sort. */
export function requireSort(session: Session): void {
  const { sort } = session.query
  const { order } = listOf(session)
  if (sort === undefined || (sort.field === order.field && sort.descending === order.descending)) return
  const valid = [`${order.descending ? '-' : ''}${order.field}`]
  const message = `${session.integration.name} lists ${session.resource.name} only in the order ${valid[0]}`
  throw new EngineError('unsupported_sort', message, { where: 'sort', valid })
}
