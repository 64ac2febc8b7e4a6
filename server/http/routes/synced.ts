import { aggregateSynced } from '../../api/aggregate.ts'
import type { CallContext } from '../../api/context.ts'
import { summarize } from '../../api/summary.ts'
import { pullChanges } from '../../api/synced-changes.ts'
import { exportSynced } from '../../api/synced-export.ts'
import type { Route } from '../route.ts'
import { anyObject, object, text, textOrNull } from '../schemas.ts'

const tag = 'Sync'
const filter = (description: string) => ({ description, schema: { type: 'string' } })

const OF_ACCOUNTS = {
  integrated_account_id: filter('The account, or several with commas; an account token has its own.'),
  tenant_id: filter('In its place: all accounts of this tenant.'),
}
const ERRORS = {
  type: 'array',
  description: 'Of several accounts, those that have nothing to read, with why; left out for a single one.',
  items: object({
    integrated_account_id: text('The account.'),
    code: text('As of a problem, such as `not_synced`.'),
    message: text('What is wrong.'),
  }),
}

/** Synced data beyond lists; these stand before the addresses of records. */
export const SYNCED_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/unified/{model}/{resource}/changes', tag, rank: 'any' },
    summary: 'Lists what was added, updated and deleted in synced data, in order, from a place on.',
    query: {
      ...OF_ACCOUNTS,
      cursor: filter('next_cursor of an earlier answer; the oldest change kept by default. It does not end.'),
      limit: {
        description: 'Changes of a page.',
        schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
      },
      fields: filter('Only these fields of the records, dotted, comma separated.'),
    },
    answer: object(
      {
        result: {
          type: 'array',
          description: 'Oldest first.',
          items: object({
            change: text('What happened.', { enum: ['added', 'updated', 'deleted'] }),
            id: text('Id of the record.'),
            integrated_account_id: text('Its account.'),
            at: text('When it was found.', { format: 'date-time' }),
            record: { ...anyObject('The record as it is kept now.'), type: ['object', 'null'] },
          }),
        },
        next_cursor: text('Give it as `cursor` to go on; it is there at the end, too, for the changes to come.'),
        has_more: { type: 'boolean', description: 'Whether more changes are there already.' },
        limit: { type: 'integer', description: 'Most changes of a page.' },
        errors: ERRORS,
      },
      ['errors'],
    ),
    handle: ({ context, params, query }) =>
      pullChanges(context, { ...named(params), filters: Object.fromEntries(query) }),
  },
  {
    ...{ verb: 'get', path: '/unified/{model}/{resource}/aggregate', tag, rank: 'any', query: null, answer: {} },
    summary: 'Counts and adds up synced records by group.',
    isGeneric: true,
    handle: ({ context, params, query }) => {
      const { model, resource } = named(params)
      return aggregateSynced(context, model, resource, query)
    },
  },
  {
    ...{ verb: 'get', path: '/unified/{model}/{resource}/{id}/summary', tag, rank: 'any', query: null },
    summary: 'What a customer paid and owes by currency: live, or from synced data with `source=synced`.',
    answer: anyObject('The summary, as `expand=summary` of the customer has it.'),
    handle: ({ context, params, query }) => {
      return summarize(context, { ...named(params), id: params.id ?? '', query })
    },
  },
  {
    ...{ verb: 'get', path: '/unified/{model}/{resource}/export', tag, rank: 'any', query: null },
    summary:
      'Streams synced records as a file: `as=jsonl` (default), `csv` or `parquet`; filters and fields as in lists.',
    answer: textOrNull('The file.'),
    handle: ({ context, params, query }) => exported(context, named(params), query),
  },
]

const named = ({ model = '', resource = '' }: Readonly<Record<string, string>>) => ({ model, resource })

const exported = (
  context: CallContext,
  { model, resource }: ReturnType<typeof named>,
  query: readonly (readonly [string, string])[],
) => exportSynced(context, model, resource, query)
