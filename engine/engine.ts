import type { Catalog } from './definition/catalog.ts'
import { EngineError } from './errors.ts'
import { beginAuthorization, completeAuthorization, renewIdle, revoke } from './execute/authorization.ts'
import { bucketAsks } from './execute/buckets.ts'
import { keptBy, withCandidate } from './execute/candidate.ts'
import { capabilitiesOf } from './execute/capabilities.ts'
import { compare } from './execute/compare.ts'
import { verifyAccount } from './execute/connect.ts'
import { type EngineContext, integrationOf } from './execute/context.ts'
import type { Engine } from './execute/contract.ts'
import { forward } from './execute/forward.ts'
import { installStep } from './execute/install.ts'
import { keptFigures } from './execute/kept-figures.ts'
import { mergedList } from './execute/merged-list.ts'
import { proxy } from './execute/proxy.ts'
import { renewalsDone } from './execute/renewal.ts'
import { unified } from './execute/unified.ts'
import { mapEvents } from './execute/webhook-events.ts'
import { hasEventFeed, readEventFeed } from './execute/webhook-feed.ts'
import { provisionWebhook, receive, removeWebhook } from './execute/webhooks.ts'
import type { Ports } from './ports.ts'
import { resolveOperation } from './request/index.ts'

/** The engine over a catalog and its ports. A swapped catalog serves the calls that begin after it; those under way keep theirs. */
export function createEngine(given: { readonly catalog: Catalog; readonly ports: Ports }): Engine {
  const { ports } = given
  let context: EngineContext = given
  return Object.freeze<Engine>({
    catalog: () => context.catalog,
    swap: (catalog) => {
      context = { catalog, ports }
    },
    integration: (account) => integrationOf(context, account),
    unified: async (account, call, options) => await unified(keptBy(context, account), account, call, options),
    unifiedMerged: async (call, options) => await mergedList(context, call, options),
    compare: async (account, call, options) => await compare(context, account, call, options),
    proxy: (account, call, options) => proxy(keptBy(context, account), account, call, options),
    forward: (account, call, options) => forward(keptBy(context, account), account, call, options),
    beginAuthorization: async (input) => await beginAuthorization(context, input),
    completeAuthorization: async (input) => await completeAuthorization(context, input),
    revoke: (account, options) => revoke(keptBy(context, account), account, options),
    renew: (account, options) => renewIdle(context, account, options),
    renewed: () => renewalsDone(ports),
    verify: (account, options, candidate) => verifyAccount(withCandidate(context, candidate), account, options),
    install: (account, step, options, candidate) =>
      installStep(withCandidate(context, candidate), account, step, options),
    receive: (integration, delivery, keys) => receive(context, integration, delivery, keys),
    mapEvents: (account, events, options) => mapEvents(context, account, events, options),
    hasEventFeed: (account) => hasEventFeed(context, account),
    readEventFeed: (account, from, options) => readEventFeed(context, account, from, options),
    provisionWebhook: (account, address, options) => provisionWebhook(context, account, address, options),
    removeWebhook: (account, id, options) => removeWebhook(keptBy(context, account), account, id, options),
    resolve: (name, verb, target) => {
      const integration = context.catalog.integrations.get(name)
      if (integration !== undefined) return resolveOperation(integration, verb, target)
      throw new EngineError('unknown_integration', `There is no integration ${name}`)
    },
    keptFigures: (account, call, options) => keptFigures(context, account, call, options),
    capabilities: (account) => capabilitiesOf(context, account),
    budget: (account) => ports.budget.state(bucketAsks(integrationOf(context, account), account, undefined)),
  })
}
