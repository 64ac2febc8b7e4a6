import { createLinkToken, type LinkTokenRequest, revokeLinkToken } from '../../api/link-token.ts'
import type { Route } from '../route.ts'
import { anyObject, object, text, texts } from '../schemas.ts'

const MOST_SECONDS = 2_592_000

/** Link: the right of one person to connect an account on a page of ours. */
export const LINK_TOKEN_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'post', path: '/link-token', tag: 'Link', rank: 'write', query: {}, status: 201 },
    summary: 'Makes a link: the page where a person connects an account, or connects it again. It works once.',
    body: object(
      {
        tenant_id: text('Your own id of the customer whose account it will be; that of the account to reconnect.', {
          minLength: 1,
          maxLength: 255,
        }),
        integrations: { ...texts('Integrations to choose from; all by default.'), minItems: 1, maxItems: 100 },
        integrated_account_id: text('An account to connect again; it keeps its id.'),
        redirect_uri: text('Where the browser goes afterwards: one of `redirect_uris` of the environment.'),
        origin: text('The origin that opens or embeds the page: one of `allowed_origins` of the environment.'),
        scopes: { ...texts('What to ask of a provider with OAuth; by default what its definition asks for.') },
        context: anyObject('Your own notes for the account.'),
        expires_in: {
          ...{ type: 'integer', minimum: 60, maximum: MOST_SECONDS },
          description: 'Seconds in which it can be opened; 3600 by default.',
        },
      },
      [
        ...['tenant_id', 'integrations', 'integrated_account_id', 'redirect_uri', 'origin', 'scopes', 'context'],
        'expires_in',
      ],
    ),
    answer: object({
      id: text('Its id, to take it back with.'),
      link_token: text('The token, for the SDK; it is not shown again.'),
      url: text('The page, with the token behind the `#`.', { format: 'uri' }),
      expires_at: text('Until when it can be opened.', { format: 'date-time' }),
    }),
    handle: async ({ context, body }) => ({
      status: 201,
      body: await createLinkToken(context, body as LinkTokenRequest),
    }),
  },
  {
    ...{ verb: 'delete', path: '/link-token/{id}', tag: 'Link', rank: 'write', query: {} },
    summary:
      'Takes a link back: its page opens no more, and what was begun on it ends. An account that it connected stays.',
    answer: object({ id: text('Its id.') }),
    handle: async ({ context, params }) => ({ status: 200, body: await revokeLinkToken(context, params.id ?? '') }),
  },
]
