import { deleteApp, getApp, namedApp, setApp } from '../../api/oauth-apps.ts'
import type { Route } from '../route.ts'
import { anyObject, object, text, texts } from '../schemas.ts'

const PATH = '/environment/{id}/oauth-app/{integration}/{method}'
const COMMON = { path: PATH, tag: 'Environments', rank: 'admin', query: {} } as const

const GIVEN = {
  type: 'object',
  description: 'By name, as the definition lists them under `app`.',
  additionalProperties: { type: 'string', maxLength: 20_000 },
}

const OAUTH_APP = object({
  environment: text('Environment.'),
  integration: text('Integration.'),
  method: text('Auth method.'),
  fields: anyObject('Fields that are no secret, by name.'),
  secrets: texts('Names of the secrets that are stored; never their values.'),
  missing: texts('Names of required fields that are not stored.'),
  redirect_uri: {
    type: ['string', 'null'],
    description: 'The address to register with the provider; null where the method sends nobody anywhere.',
  },
  created_at: text('When it was first set.', { format: 'date-time' }),
  updated_at: text('When it was last set.', { format: 'date-time' }),
})

/** What an environment brings for all its accounts of an auth method: its own OAuth app, or its platform key. */
export const OAUTH_APP_ROUTES: readonly Route[] = [
  {
    ...{ ...COMMON, verb: 'put', answer: OAUTH_APP },
    summary: 'Sets the OAuth app, or platform key, that the environment brings for an auth method.',
    body: object({ fields: GIVEN }),
    handle: async ({ context, params, body }) => {
      const { fields } = body as { fields: Readonly<Record<string, string>> }
      return { status: 200, body: await setApp(context, await namedApp(context, params), fields) }
    },
  },
  {
    ...{ ...COMMON, verb: 'get', answer: OAUTH_APP },
    summary: 'Gets the app of an auth method, without its secrets, with the redirect URI to register.',
    handle: async ({ context, params }) => ({
      status: 200,
      body: await getApp(context, await namedApp(context, params)),
    }),
  },
  {
    ...{ ...COMMON, verb: 'delete', answer: object({ method: text('Auth method.') }) },
    summary: 'Forgets the app of an auth method. Accounts connected with it cannot renew their tokens any more.',
    handle: async ({ context, params }) => {
      const app = await namedApp(context, params)
      await deleteApp(context, app)
      return { status: 200, body: { method: app.key.method } }
    },
  },
]
