import { type CallOptions, type EngineError, type ProvisionRule, provisionRule } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { Services } from '../api/context.ts'
import { asEngineError } from '../api/problem.ts'
import type { JobHandler } from '../jobs/index.ts'
import type { InboundEndpoint, IntegratedAccount, WebhookState } from '../stores/index.ts'
import { addressOf, reachableAt } from './address.ts'
import { PROVISION } from './names.ts'

/** The job that sees to it that an account hears from its provider. */
export const provisionJob = (environmentId: string, account: string) => ({
  name: PROVISION,
  payload: { account },
  environmentId,
  key: account,
  queue: `inbound-setup:${account}`,
})

/** The same for an account that was looked at; nothing where somebody else has seen to it when its turn comes. */
const reviewJob = ({ environmentId, id, webhook }: IntegratedAccount) => ({
  ...provisionJob(environmentId, id),
  payload: { account: id, seen_at: webhook?.at ?? null },
  key: `review:${id}`,
})

/** Has the provider of an account deliver to its address; where it cannot, its feed of events is polled. */
export function provisionHandler(services: Services): JobHandler {
  return async (payload, { environmentId, isLastAttempt }) => {
    const { stores } = services
    const account = await stores.accounts.get(environmentId ?? '', String(payload.account))
    if (account?.status !== 'active') return
    if (payload.seen_at !== undefined && payload.seen_at !== (account.webhook?.at ?? null)) return
    try {
      await setState(services, account, await provisioned(services, account))
    } catch (thrown) {
      const error = asEngineError(thrown)
      const isForNow = error.retryable && !isLastAttempt
      const found = isForNow
        ? { state: 'pending' as const, url: account.webhook?.url ?? null, reason: reasonOf(error) }
        : await instead(services, account, null, reasonOf(error))
      await setState(services, account, found)
      if (isForNow) throw thrown
    }
  }
}

type Found = Omit<WebhookState, 'at'>

function reasonOf({ code, message, details: { where } }: EngineError): string {
  const place = where === undefined ? '' : ` (${where})`
  return `${`${code}: ${message}`.slice(0, 500 - place.length)}${place}`
}

/** The rule by which deliveries are asked for in an account, or undefined. */
function ruleOf({ engine }: Pick<Services, 'engine'>, account: IntegratedAccount): ProvisionRule | undefined {
  const rules = engine.catalog().integrations.get(account.integration)?.webhooks
  return provisionRule(rules, account.authenticationMethod ?? '')
}

/** Whose endpoint an account is attached to. */
export function ownerOf(services: Pick<Services, 'engine'>, account: IntegratedAccount): string {
  const isShared = ruleOf(services, account)?.per === 'app'
  return isShared ? `app:${account.authenticationMethod}` : `account:${account.id}`
}

async function provisioned(services: Services, account: IntegratedAccount): Promise<Found> {
  const { stores, clock } = services
  const { environmentId, id, integration } = account
  const rule = ruleOf(services, account)
  if (rule === undefined) return { state: 'unsupported', url: null, reason: null }
  if (await isLeftAlone(services, account)) {
    const state = (await poll(services, account)) ? 'polling' : 'off'
    return { state, url: null, reason: LEFT_ALONE }
  }
  const base = reachableAt(services, account)
  if (base === null) return instead(services, account, null, NO_ADDRESS)
  const attaching = { environmentId, integration, accountId: id }
  const endpoint = await stores.inbound.endpoints.attach(attaching, ownerOf(services, account), clock.now())
  const url = addressOf(base, endpoint.urlId)
  if (rule.create === undefined) return byPerson(services, account, endpoint, { rule, url })
  await ask(services, account, endpoint, { rule, url })
  return { state: 'provisioned', url, reason: null }
}

const LEFT_ALONE =
  'off: webhook_setup of the environment is on_request, and nobody has asked for it with POST /integrated-account/{id}/webhook'

/** Whether nobody wants the provider of an account to be asked: an address of its own shows that somebody did. */
async function isLeftAlone({ stores, reads }: Services, { environmentId, id }: IntegratedAccount): Promise<boolean> {
  const environment = await reads.environment(environmentId)
  if (environment?.settings.webhookSetup !== 'on_request') return false
  return (await stores.inbound.endpoints.ofAccount(environmentId, id)) === null
}

const NO_ADDRESS = 'config_invalid: ONEFOLD_PUBLIC_URL is not set, so the provider cannot reach this server'

type Place = { readonly rule: ProvisionRule; readonly url: string }

/** A person sets it up; until its secret is here, the feed is polled. */
async function byPerson(
  services: Services,
  account: IntegratedAccount,
  endpoint: InboundEndpoint,
  { rule, url }: Place,
): Promise<Found> {
  const isSigned = services.engine.integration(toEngineAccount(account)).webhooks?.signature !== undefined
  if (!isSigned || endpoint.secrets.reveal().length > 0) return { state: 'manual', url, reason: null }
  await poll(services, account)
  return { state: 'manual', url, reason: rule.manual ?? null }
}

async function ask(
  { stores, engine, clock, random }: Services,
  account: IntegratedAccount,
  endpoint: InboundEndpoint,
  { rule, url }: Place,
): Promise<void> {
  const known = endpoint.secrets.reveal().find(({ until }) => until === null)?.value
  const secret = known ?? random.id(43)
  const current =
    rule.create?.secret === undefined && known === undefined
      ? await stores.inbound.endpoints.update(
          endpoint.environmentId,
          endpoint.id,
          () => ({ secrets: [{ value: secret, until: null }] }),
          clock.now(),
        )
      : endpoint
  // The same key for the same state: what was asked for just before a crash is answered again.
  const idempotencyKey = `onefold-${current.id}-${current.version}`
  const requestId = `webhook_${random.id(16)}`
  const options: CallOptions = { requestId, priority: 'sync', onLimit: 'wait', idempotencyKey }
  const address = { url, secret, endpointId: current.providerId }
  const made = await engine.provisionWebhook(toEngineAccount(account), address, options)
  const secrets = made.secret === null ? undefined : [{ value: made.secret, until: null }]
  const patch = { providerId: made.endpointId, secrets }
  await stores.inbound.endpoints.update(current.environmentId, current.id, () => patch, clock.now())
}

/** Without deliveries the feed of events is polled, where there is one. */
async function instead(
  services: Services,
  account: IntegratedAccount,
  url: string | null,
  reason: string,
): Promise<Found> {
  const state = (await poll(services, account)) ? 'polling' : 'failed'
  return { state, url, reason }
}

async function poll({ engine, stores, clock }: Services, account: IntegratedAccount): Promise<boolean> {
  if (!engine.hasEventFeed(toEngineAccount(account))) return false
  await stores.inbound.seen.startPolling(account.environmentId, account.id, clock.now())
  return true
}

async function setState({ stores, clock }: Services, account: IntegratedAccount, found: Found): Promise<void> {
  const { state, url, reason } = account.webhook ?? {}
  if (state === found.state && url === found.url && reason === found.reason) return
  const now = clock.now()
  const { environmentId, id } = account
  // What a provider never does is no news.
  const isQuiet = found.state === 'unsupported'
  await stores.accounts.update(environmentId, id, { webhook: { ...found, at: now } }, { now, isQuiet })
}

/** Finds the active accounts whose provider is to be told of another address, or was never told of one. */
export function reviewHandler(services: Services): JobHandler {
  return async () => {
    const { stores, jobs } = services
    for (const { id: environmentId } of await stores.environments.list()) {
      let after: Parameters<typeof stores.accounts.list>[1] = { status: 'active', limit: 500 }
      for (;;) {
        const { result, next } = await stores.accounts.list(environmentId, after)
        for (const account of result.filter((one) => isOutdated(services, one))) await jobs.add(reviewJob(account))
        if (next === null) break
        after = { ...after, after: next }
      }
    }
  }
}

function isOutdated(services: Services, account: IntegratedAccount): boolean {
  const { webhook } = account
  if (webhook === null || webhook.state === 'failed' || webhook.state === 'off') return true
  const base = reachableAt(services, account)
  const isThere = base !== null && webhook.url?.startsWith(`${base}/`) === true
  if (webhook.state === 'unsupported') return ruleOf(services, account) !== undefined
  return webhook.state === 'polling' ? base !== null && webhook.url === null : !isThere
}
