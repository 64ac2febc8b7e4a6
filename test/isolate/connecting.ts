import { stringify } from 'yaml'
import type { SourceFile } from '../../engine/index.ts'
import type { Received, Reply } from '../support/upstream.ts'

const field = (label: string) => ({ label, secret: true })
const operation = (verb: string, path: string, more: object = {}) => ({
  ...{ effect: verb === 'GET' ? 'read' : 'write', verb, path, description: 'Made up.' },
  ...more,
})
const resource = (name: string, methods: object) => ({ name, description: 'Made up.', methods })
const url = { url: { in: 'body', required: true, description: 'The address.' } }

const TOKEN = {
  path: "/token/{{ $connection.site ? $connection.site : 'none' }}",
  params: { audience: "'acme'" },
  headers: { acme_app: '$credentials.id' },
}

/** Methods of every kind, each with slots that the others lack. */
const METHODS = {
  key: {
    ...{ type: 'bearer', label: 'Key', fields: { key: field('Key') }, token: '$credentials.key' },
    headers: { acme_team: '$credentials.key' },
    signing: { key: '$credentials.key', parts: ['timestamp', 'body'], headers: { acme_signature: '$signature' } },
  },
  pair: {
    ...{ type: 'basic', label: 'Pair', fields: { key: field('Key'), id: { label: 'Id' } } },
    ...{ username: '$credentials.key', password: '$credentials.key' },
  },
  coded: {
    ...{ type: 'api_key', label: 'Coded', fields: { key: field('Key') } },
    ...{ in: 'header', name: 'acme_key', value: '{{ $credentials.key }}' },
  },
  machine: {
    ...{ type: 'oauth2', label: 'Machine', fields: { id: field('Id'), key: field('Key') } },
    ...{ token: '$credentials.access_token' },
    oauth2: {
      ...{ grant: 'client_credentials', client: { id: '$credentials.id', secret: '$credentials.key' }, token: TOKEN },
      answer: {
        access_token: '$response.access_token',
        refresh_token: '$response.refresh_token',
        expires_in: '$response.expires_in',
        scope: '$response.scope',
        error: '$response.error',
      },
      keep: { user: '$response.user' },
    },
  },
  proven: {
    ...{ type: 'oauth2', label: 'Proven', fields: { id: field('Id'), key: field('Key') } },
    oauth2: {
      grant: 'client_credentials',
      client: {
        ...{ auth: 'private_key_jwt', id: '$credentials.id' },
        key: { alg: 'HS256', value: '$credentials.key', id: '$credentials.id' },
      },
      token: { path: '/token/dated' },
      answer: { expires_at: '$response.expires_at' },
    },
  },
  assertion: {
    ...{ type: 'oauth2', label: 'Assertion', fields: { id: field('Id'), key: field('Key') } },
    oauth2: {
      ...{ grant: 'jwt_bearer', token: { path: '/token/asserted' } },
      assertion: {
        key: { alg: 'HS256', value: '$credentials.key', id: '$credentials.id' },
        issuer: '$credentials.id',
        subject: '$credentials.id',
        audience: "'acme'",
        claims: { scope: "'read'" },
      },
    },
  },
  person: {
    ...{ type: 'oauth2', label: 'Person', app: { client_id: { label: 'Id' }, client_secret: field('Secret') } },
    oauth2: {
      authorize: { path: "/authorize/{{ $connection.site ? 'a' : 'b' }}", params: { prompt: "'consent'" } },
      token: { path: '/token/person' },
      keep: { user: '$response.user' },
      settings: { site: '$response.site' },
      identity: '$response.user',
      refresh: { params: { audience: "'acme'" } },
      revoke: {
        path: "/revoke/{{ $connection.site ? 'a' : 'b' }}",
        params: { user: '$credentials.user' },
        headers: { acme_user: '$credentials.user' },
      },
    },
  },
}

const files = (name: string, origin: string) => ({
  'integration.yaml': {
    ...{ onefold: 1, name, label: 'Acme', description: 'Made up.', hosts: { default: { url: `${origin}/v1` } } },
    settings: { site: { label: 'Site', required: false } },
    retry: { attempts: 2 },
    auth: {
      ...{ methods: METHODS, verify: 'account.get', identity: 'id' },
      post_install: [
        {
          ...{ name: 'seat', to: 'seats.create', unless: '$account.traits.seat', path: { id: '$account.id' } },
          ...{ query: { mode: '$account.tenant_id' }, body: { tenant: '$account.tenant_id' } },
          ...{ traits: { seat: 'id' }, settings: { site: 'site' } },
        },
      ],
    },
  },
  'webhooks.yaml': {
    ...{ signature: { value: '$headers.`acme-signature`' }, event: { type: 'kind' }, as: 'payment-gateway/events' },
    provision: [
      {
        create: {
          to: 'hooks.create',
          path: { team: '$connection.site' },
          body: { url: '$url' },
          id: 'id',
          secret: 'secret',
        },
        update: { to: 'hooks.update', path: { id: '$endpoint.id' }, body: { url: '$url' } },
        delete: { to: 'hooks.delete', path: { id: '$endpoint.id' } },
      },
    ],
  },
  'resources/account.yaml': resource('account', { get: operation('GET', '/account') }),
  'resources/seats.yaml': resource('seats', {
    create: operation('POST', '/seats/{{ $path.id }}', {
      parameters: { mode: { in: 'query', description: 'Mode.' }, tenant: { in: 'body', description: 'Tenant.' } },
    }),
  }),
  'resources/hooks.yaml': resource('hooks', {
    create: operation('POST', '/teams/{{ $path.team }}/hooks', { effect: 'credential', parameters: url }),
    update: operation('PATCH', '/hooks/{{ $path.id }}', { effect: 'credential', parameters: url }),
    delete: operation('DELETE', '/hooks/{{ $path.id }}'),
  }),
  'resources/events.yaml': resource('events', { get: operation('GET', '/events/{{ $path.id }}') }),
  'resources/payments.yaml': resource('payments', {
    list: operation('GET', '/payments', {
      ...{ complete: true, response: { records: '$append(data, [])' }, pagination: { strategy: 'none' } },
      parameters: { reference: { in: 'query', description: 'Reference.' } },
    }),
    create: operation('POST', '/payments', {
      parameters: { reference: { in: 'body', description: 'Reference.' } },
      idempotency: {
        in: 'none',
        find_existing: {
          ...{ from: 'payments.list', query: { reference: '$body.reference' } },
          match: 'reference = $body.reference',
        },
      },
    }),
  }),
  'mappings/payment-gateway.yaml': {
    model: 'payment-gateway',
    resources: { events: { get: { from: 'events.get' }, fields: { id: 'id', created_at: 'at' } } },
  },
})

/** The files of an integration that has every slot which is read when an account is connected, set up and let go. */
export const connectingFiles = (name: string, origin: string, root: string): (SourceFile & { root: string })[] =>
  Object.entries(files(name, origin)).map(([path, content]) => ({
    ...{ path: `integrations/${name}/${path}`, root, text: stringify(content, { aliasDuplicateObjects: false }) },
  }))

const GRANT = { access_token: 'at-1', refresh_token: 'rt-1', scope: 'read', user: 'u1', site: 'north' }

/** Answers as its provider; a payment is made, and the answer to it lost. */
export function connectingReply({ verb, path }: Received): Reply {
  if (path.startsWith('/v1/token/')) {
    const isDated = path.endsWith('/dated')
    return { body: { ...GRANT, ...(isDated ? { expires_at: '2026-01-01T01:00:00Z' } : { expires_in: 3600 }) } }
  }
  if (path === '/v1/payments') {
    return verb === 'POST' ? { status: 504 } : { body: { data: [{ id: 'p1', reference: 'r1' }] } }
  }
  if (path.endsWith('/hooks')) return { body: { id: 'h1', secret: 'secret-of-the-hook' } }
  return { body: { id: 'x1', site: 'north' } }
}
