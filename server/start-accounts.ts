import { EngineError } from '../engine/index.ts'
import { DEFAULT_ENVIRONMENT } from './api/authenticate.ts'
import { connect, integrationNamed, reconnect } from './api/connect.ts'
import type { Services } from './api/context.ts'
import type { RunningSandbox } from './sandbox/index.ts'

/**
 * Connects the accounts of the sandboxes, or points them at where the sandboxes are now. One that cannot be connected is
 * told of in the log and holds up nothing: its account says why.
 */
export async function connectSandboxes(
  services: Services,
  environmentId: string,
  sandboxes: readonly RunningSandbox[],
): Promise<void> {
  const { stores, clock, log } = services
  if (sandboxes.length === 0) return
  await stores.environments.ensure({ id: environmentId, name: 'Sandbox' }, clock.now())
  for (const sandbox of sandboxes) {
    await connectSandbox(services, environmentId, sandbox).catch((error: unknown) => {
      log.error({ err: error, integration: sandbox.integration }, 'the account of a sandbox could not be connected')
    })
    sandbox.release()
  }
}

async function connectSandbox(services: Services, environmentId: string, sandbox: RunningSandbox): Promise<void> {
  const { integration, origin, credentials, connection, authMethod, accountId: id } = sandbox
  const settings = { ...connection, base_url: origin }
  const request = { credentials, settings, authenticationMethod: authMethod }
  const account = await services.stores.accounts.get(environmentId, id)
  if (account === null) await connect(services, environmentId, { ...request, id, integration, tenantId: 'sandbox' })
  else await reconnect(services, account, request)
}

/**
 * Connects the account of ONEFOLD_CONNECT under the integration's name in `default`, or connects it again when the
 * setting changed it. Throws config_invalid when the setting does not fit or the provider refuses it.
 */
export async function connectConfigured(services: Services): Promise<void> {
  const { connect: setting } = services.settings
  if (setting === null) return
  try {
    const { name } = integrationNamed(services, setting.integration)
    const credentials = setting.fields.reveal()
    const account = await services.stores.accounts.get(DEFAULT_ENVIRONMENT, name)
    const request = { id: name, integration: name, tenantId: DEFAULT_ENVIRONMENT, credentials }
    if (account === null) await connect(services, DEFAULT_ENVIRONMENT, request)
    else await reconnect(services, account, { credentials })
    services.log.info({ account: name }, 'the account of ONEFOLD_CONNECT is connected')
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    const { hint, valid } = thrown.details
    throw new EngineError('config_invalid', `ONEFOLD_CONNECT: ${thrown.message}`, {
      where: 'ONEFOLD_CONNECT',
      hint,
      valid,
      cause: thrown,
    })
  }
}
