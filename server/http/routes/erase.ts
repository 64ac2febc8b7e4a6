import { audit } from '../../api/audit.ts'
import { erasePerson, erasureOut, exportPerson, findErasure, type PersonRequest } from '../../api/erase.ts'
import { pageReply, readPageQuery } from '../../api/wire.ts'
import type { Route } from '../route.ts'
import { anyObject, object, PAGING, pageOf, text, textOrNull } from '../schemas.ts'

const tag = 'Personal data'

const PERSON = {
  customer: object(
    {
      id: text('Id of the customer at the provider.', { minLength: 1, maxLength: 254 }),
      email: text('Email address, whatever its case.', { minLength: 3, maxLength: 254 }),
    },
    ['id', 'email'],
  ),
  tenant_id: text('Only in the accounts of this tenant.'),
  integrated_account_id: text('Only in this account. Without either: everywhere in the environment.'),
}
const DRY_RUN = { type: 'boolean', description: 'True only counts what would be erased.' }

const ERASURE = object({
  id: text('Id.'),
  environment: text('Its environment.'),
  status: text('`waiting` until its job has ended.', { enum: ['waiting', 'done', 'lifted'] }),
  dry_run: { type: 'boolean', description: 'Whether it only counted.' },
  tenant_id: textOrNull('The tenant that it is bound to.'),
  integrated_account_id: textOrNull('The account that it is bound to.'),
  counts: anyObject('Rows that were about the person, by table.'),
  held_off: { type: 'integer', description: 'Times that records or events about the person were left out since.' },
  created_at: text('When it was asked for.', { format: 'date-time' }),
  ended_at: textOrNull('When it was done.', { format: 'date-time' }),
})

/** Erasing a person, and what is kept of one. */
export const ERASE_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'post', path: '/erase', tag, rank: 'admin', query: {}, status: 202, answer: ERASURE },
    summary: 'Erases a person from everything that is kept, by a job, and keeps them from coming back.',
    body: object({ ...PERSON, dry_run: DRY_RUN }, ['tenant_id', 'integrated_account_id', 'dry_run']),
    handle: ({ context, body }) => erasePerson(context, body as PersonRequest),
  },
  {
    ...{ verb: 'get', path: '/erase', tag, rank: 'admin', query: PAGING, answer: pageOf(ERASURE) },
    summary: 'Lists erasures, newest first.',
    handle: async ({ context, query }) => {
      const { page, binding } = readPageQuery(context, 'erasures', query)
      const found = await context.services.stores.erasures.list(context.caller.environmentId, page)
      return pageReply(context, binding, found, erasureOut)
    },
  },
  {
    ...{ verb: 'get', path: '/erase/{id}', tag, rank: 'admin', query: {}, answer: ERASURE },
    summary: 'Gets an erasure: how far it is, and what it found.',
    handle: async ({ context, params }) => {
      return { status: 200, body: erasureOut(await findErasure(context, params.id ?? '')) }
    },
  },
  {
    ...{ verb: 'delete', path: '/erase/{id}', tag, rank: 'admin', query: {}, answer: object({ id: text('Its id.') }) },
    summary: 'Lifts an erasure: the person may come back with the next event or run.',
    handle: async ({ context, params }) => {
      const found = await findErasure(context, params.id ?? '')
      await context.services.stores.erasures.lift(found)
      await audit(context, 'person.erase_lifted', `erasure:${found.id}`, 'succeeded')
      return { status: 200, body: { id: found.id } }
    },
  },
  {
    ...{ verb: 'post', path: '/person-export', tag, rank: 'admin', query: {}, answer: textOrNull('The file.') },
    summary: 'Streams everything that is kept about a person, as JSON lines.',
    body: object(PERSON, ['tenant_id', 'integrated_account_id']),
    handle: ({ context, body }) => exportPerson(context, body as PersonRequest),
  },
]
