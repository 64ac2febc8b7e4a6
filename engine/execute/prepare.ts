import { authorize, type Origin, queryText, resolveOrigin, urlBelow } from '../auth/index.ts'
import type { CompiledAuthMethod, Integration } from '../definition/catalog.ts'
import type { PageInput } from '../pagination/index.ts'
import type { BucketAsk, WireRequest } from '../ports.ts'
import { buildRequest, parseTarget } from '../request/index.ts'
import type { RequestSpec } from '../types.ts'
import { settled } from './apart.ts'
import { bucketAsks } from './buckets.ts'
import { authMethodOf, type EngineContext, type Invocation, integrationOf } from './context.ts'
import { withDefaults } from './defaults.ts'
import { type Held, holderOf } from './holder.ts'
import { fitKey, keyPlace, withKeyInBody, withKeyInHeader } from './idempotency.ts'

/** What the attempts of one invocation have in common, before anybody is proven. */
interface Unproven {
  readonly integration: Integration
  readonly method: CompiledAuthMethod
  readonly spec: RequestSpec
  readonly origin: Origin
  /** Input as sent, and where it goes, without credentials. */
  readonly input: PageInput
  readonly url: string
  readonly base: string
  /** Idempotency key that the request carries. */
  readonly key: string | undefined
  readonly buckets: readonly BucketAsk[]
}

/** Everything that the attempts of one invocation have in common; what signs a request comes with each attempt. */
export interface Prepared extends Unproven {
  readonly request: WireRequest
  readonly holder: Held
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
  return fitKey(call.keyOf(options.idempotencyKey ?? ports.random.id(32)), place)
}

/** Builds and authorizes the request of an invocation; nothing is sent. Throws what request, auth and credentials throw. */
export async function prepare(context: EngineContext, invocation: Invocation): Promise<Prepared> {
  const { account } = invocation
  const integration = integrationOf(context, account)
  const key = keyOf(context, invocation)
  const { spec, origin, input } = await settled(context, account, () => built(integration, invocation, key))
  const url = urlBelow(origin, spec.path, queryText(spec.query))
  const buckets = asksOf(integration, invocation)
  const method = authMethodOf(integration, account)
  const holder = await holderOf(context, account, method, invocation.options)
  return proven({ integration, method, spec, origin, input, url, base: origin.href, key, buckets }, holder)
}

function built(
  integration: Integration,
  { account, operation, input: asked }: Invocation,
  key: string | undefined,
): Pick<Unproven, 'spec' | 'origin' | 'input'> {
  const { connection, apiVersion } = account
  const view = { id: account.id, tenant_id: account.tenantId, mode: account.mode, traits: account.traits }
  const given = withDefaults(operation, asked, { connection, account: view })
  const input = withKeyInBody(operation, given, key)
  const request = buildRequest(operation, input, { connection, apiVersion, integration, account: view })
  const spec = withKeyInHeader(operation, atUrl(request, input.url, integration), key)
  return { spec, origin: resolveOrigin(integration, spec.host, account), input }
}

/** The same request, proven by this holder. */
export function proven(unproven: Unproven, holder: Held): Prepared {
  const { spec, origin, method } = unproven
  return { ...unproven, holder, request: authorize(spec, origin, method, holder, origin) }
}
