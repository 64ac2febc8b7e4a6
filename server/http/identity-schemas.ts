import { VERDICTS } from '../stores/identity-verdicts.ts'
import { instantSchema, object, text, textOrNull } from './schemas.ts'

const PLACE = object({ integrated_account_id: text('Account.'), id: text('Id of the customer there.') })

const LINK = object({
  a: PLACE,
  b: PLACE,
  by: text('Rule, or verdict for what a person said.', { enum: ['email', 'domain', 'phone', 'metadata', 'verdict'] }),
  value: textOrNull('What both have, as it was compared; null for a verdict.'),
  verdict_id: textOrNull('The verdict that joins them or, in held_apart, keeps them apart.'),
})

const PARTS = {
  customers: {
    type: 'array',
    description: 'By account and id.',
    items: object({
      ...{ integrated_account_id: text('Account.'), id: text('Id of the customer there.') },
      ...{ integration: text('Its integration.'), model: text('Model that it was synced by.') },
      ...{ name: textOrNull('Name.'), email: textOrNull('E-mail address.'), phone: textOrNull('Phone number.') },
      created_at: textOrNull('When it was made.', { format: 'date-time' }),
    }),
  },
  links: { type: 'array', description: 'Why they are one: a link for each but the first.', items: LINK },
  held_apart: {
    type: 'array',
    description: 'What would join them with others that are called different.',
    items: LINK,
  },
}

const OF_ALL = {
  observed_at: textOrNull('As old as this is what was compared; null while a first list is under way.', {
    format: 'date-time',
  }),
  errors: {
    type: 'array',
    description: 'Accounts whose customers were not compared, and why.',
    items: { type: 'object', additionalProperties: true },
  },
}

/** Who a customer is. */
export const IDENTITY = object({ ...PARTS, ...OF_ALL })

/** Customers that are the same, page by page. */
export const IDENTITY_PAGE = object({
  result: { type: 'array', description: 'By their first customers.', items: object(PARTS) },
  ...OF_ALL,
  ignored: {
    type: 'array',
    description: 'Values that too many have to say who somebody is.',
    items: object({
      by: text('Rule.'),
      value: text('What they have.'),
      customers: { type: 'integer', description: 'How many.' },
    }),
  },
  next_cursor: textOrNull('Cursor of the next page; null at the end.'),
  limit: { type: 'integer', description: 'Most identities of a page.' },
})

/** What a person said of two customers. */
export const IDENTITY_VERDICT = object({
  id: text('Id.'),
  customers: { type: 'array', description: 'The two.', items: PLACE },
  verdict: text('same or different.', { enum: VERDICTS }),
  note: textOrNull('Why.'),
  by: text('The token it was said with.'),
  created_at: instantSchema('When.'),
})
