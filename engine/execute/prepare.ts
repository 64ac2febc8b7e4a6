import { authorize, queryText, resolveOrigin, urlBelow } from '../auth/index.ts'
import type { Integration } from '../definition/catalog.ts'
import type { PageInput } from '../pagination/index.ts'
import type { BucketAsk, WireRequest } from '../ports.ts'
import { buildRequest, parseTarget } from '../request/index.ts'
import type { RequestSpec } from '../types.ts'
import { bucketAsks } from './buckets.ts'
import { authMethodOf, type EngineContext, type Invocation, integrationOf } from './context.ts'
import { fitKey, keyPlace, withKeyInBody, withKeyInHeader } from './idempotency.ts'

type Credentials = Awaited<ReturnType<EngineContext['ports']['credentials']['load']>>

/** Everything that the attempts of one invocation have in common. */
export interface Prepared {
  readonly integration: Integration
  readonly request: WireRequest
  /** Input as sent, and where it goes, without credentials. */
  readonly input: PageInput
  readonly url: string
  readonly base: string
  readonly credentials: Credentials
  /** Idempotency key that the request carries. */
  readonly key: string | undefined
  readonly buckets: readonly BucketAsk[]
}

/** The buckets of a request; an account without any still has one, so that an answer can block it for all callers. */
function asksOf(integration: Integration, { account, operation }: Invocation): readonly BucketAsk[] {
  const asks = bucketAsks(integration, account, operation)
  if (asks.length > 0) return asks
  return [
    { key: `${account.environmentId}/${account.id}`, kind: 'concurrency', limit: Number.MAX_SAFE_INTEGER, windowMs: 0 },
  ]
}

/** Puts the path and query of a next URL in place of the operation's own; parameters that auth adds are left to auth. */
function atUrl(spec: RequestSpec, url: string | undefined, integration: Integration): RequestSpec {
  if (url === undefined) return spec
  const { path, query } = parseTarget(url)
  const owned = new Set([...integration.owned.query].map((name) => name.toLowerCase()))
  const pairs = [...new URLSearchParams(query)].filter(([name]) => !owned.has(name.toLowerCase()))
  return { ...spec, path, query: pairs }
}

function keyOf({ ports }: EngineContext, { operation, options, call }: Invocation): string | undefined {
  const place = keyPlace(operation)
  if (place === undefined) return undefined
  return fitKey(call.keyOf(options.idempotencyKey ?? ports.random.id(32)), place.maxLength)
}

/** Builds and authorizes the request of an invocation; nothing is sent. Throws what request, auth and credentials throw. */
export async function prepare(context: EngineContext, invocation: Invocation): Promise<Prepared> {
  const { account, operation } = invocation
  const integration = integrationOf(context, account)
  const key = keyOf(context, invocation)
  const input = withKeyInBody(operation, invocation.input, key)
  const { connection, apiVersion } = account
  const view = { id: account.id, tenant_id: account.tenantId, mode: account.mode, traits: account.traits }
  const built = buildRequest(operation, input, { connection, apiVersion, integration, account: view })
  const spec = withKeyInHeader(operation, atUrl(built, input.url, integration), key)
  const origin = resolveOrigin(integration, spec.host, account)
  const credentials = await context.ports.credentials.load(account.environmentId, account.id)
  const request = authorize(spec, origin, authMethodOf(integration, account), credentials, connection, origin)
  const url = urlBelow(origin, spec.path, queryText(spec.query))
  const buckets = asksOf(integration, invocation)
  return { integration, request, input, url, base: origin.href, credentials, key, buckets }
}
