import type { Integration } from '../../../engine/index.ts'
import { integrationNamed } from '../../api/connect.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { formOf } from '../../api/form.ts'
import { onlyBootstrap } from '../../api/reach.ts'
import type { JsonObject } from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { anyObject, pageOf } from '../schemas.ts'

const INTEGRATION = anyObject('An integration: label, description, auth methods with their form fields.')

const DEFINITIONS = anyObject(
  'Definitions in use: their hash, how many there are, those that wait for an approval, and the last save when its errors keep it out of use.',
)

/** Integrations, the state of the definitions, and the approval of those that wait. */
export const INTEGRATION_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/definitions', tag: 'Integrations', rank: 'admin', query: {}, answer: DEFINITIONS },
    summary: 'Says which definitions are in use, and what is wrong with the last save where they are not it.',
    handle: ({ context }) => Promise.resolve(definitionsState(context)),
  },
  {
    ...{ verb: 'get', path: '/integration', tag: 'Integrations', rank: 'any', query: {} },
    summary: 'Lists the integrations with the form fields of their auth methods.',
    answer: pageOf(INTEGRATION),
    handle: ({ context }) => Promise.resolve(listIntegrations(context)),
  },
  {
    ...{ verb: 'get', path: '/integration/{name}', tag: 'Integrations', rank: 'any', query: {}, answer: INTEGRATION },
    summary: 'Gets an integration with the form fields of its auth methods.',
    handle: ({ context, params }) => Promise.resolve(getIntegration(context, params.name ?? '')),
  },
  {
    ...{ verb: 'post', path: '/integration/{name}/approve', tag: 'Integrations', rank: 'owner', query: {} },
    summary: 'Takes a definition into use that waits because it changes where credentials go.',
    answer: INTEGRATION,
    handle: approve,
  },
]

function integrationOut(context: CallContext, integration: Integration): JsonObject {
  const { name, label, description, docs, modes, apiVersion, auth, mappings, resources, isExtra } = integration
  const methods = [...auth.methods.values()].map((method) => ({
    name: method.name,
    type: method.type,
    label: method.label,
    description: method.description ?? null,
    fields: formOf(integration, method),
    app: method.app,
    grant: method.oauth2?.grant ?? null,
  }))
  return {
    name,
    label,
    description,
    docs: docs ?? null,
    api_version: apiVersion?.value ?? null,
    modes: modes.map((mode) => ({ name: mode.name, livemode: mode.livemode })),
    authentication_methods: methods,
    unified: [...mappings.keys()],
    resources: [...resources.keys()],
    is_extra: isExtra,
    pending_approval: context.services.definitions.pending.get(name) ?? null,
  }
}

function definitionsState({ services: { definitions } }: CallContext): Reply {
  const { catalog, refused, pending } = definitions
  const last =
    refused === null
      ? null
      : {
          at: new Date(refused.at).toISOString(),
          reason: refused.reason,
          issues: refused.issues.map(({ code, severity, file, line, column, message, hint }) => {
            return { code, severity, file, line, column, message, hint }
          }),
        }
  const body = {
    hash: catalog.hash,
    integrations: catalog.integrations.size,
    pending_approvals: [...pending.values()],
    refused: last,
  }
  return { status: 200, body }
}

function listIntegrations(context: CallContext): Reply {
  const { catalog } = context.services.definitions
  const result = [...catalog.integrations.values()].map((one) => integrationOut(context, one))
  return { status: 200, body: { result, next_cursor: null, limit: Math.max(1, result.length) } }
}

function getIntegration(context: CallContext, name: string): Reply {
  const waiting = context.services.definitions.pending.get(name)
  if (waiting?.serving === 'none') return { status: 200, body: { name, pending_approval: waiting } }
  return { status: 200, body: integrationOut(context, integrationNamed(context.services, name)) }
}

async function approve({ context, params }: RouteCall): Promise<Reply> {
  onlyBootstrap(context.caller.token)
  const name = params.name ?? ''
  await context.services.definitions.approve(name, `token:${context.caller.token.id}`)
  return getIntegration(context, name)
}
