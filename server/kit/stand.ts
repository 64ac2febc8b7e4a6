import {
  type Account,
  type CallOptions,
  type Catalog,
  createEngine,
  type Engine,
  EngineError,
  type Integration,
  MemoryBudget,
  modeOf,
  type Ports,
  Secret,
  type Transport,
} from '../../engine/index.ts'
import { authMethodOf, formOf } from '../api/form.ts'
import { callServer, type ServerAddress } from '../cli/client.ts'
import { SYSTEM_CLOCK, SYSTEM_RANDOM } from '../clock.ts'
import { readToolSettings } from '../config.ts'
import { Sandbox } from '../sandbox/index.ts'
import { createEgressPolicy, createTransport } from '../transport/index.ts'
import { type CredentialSource, gatherFields } from './credentials.ts'
import { type Exchange, recorded } from './exchange.ts'
import { throughSandbox, throughServer } from './ways.ts'

/** An account that calls can be made with, and what goes over the wire for them. */
export interface Stand {
  readonly engine: Engine
  readonly account: Account
  /** As given; nothing of it may be shown or written down. */
  readonly credentials: Readonly<Record<string, string>>
  readonly exchanges: Exchange[]
  readonly options: CallOptions
  close(): Promise<void>
}

/** Which account calls are made with. */
export interface StandOptions {
  readonly server: ServerAddress
  /** Id of an account of the running server. */
  readonly account?: string | undefined
  /** Whether the provider's stand-in is asked, in this process. */
  readonly sandbox?: boolean | undefined
  /** Name of an auth method; default the first. */
  readonly method?: string | undefined
  /** Origin in place of the definition's hosts. */
  readonly baseUrl?: string | undefined
  readonly source: CredentialSource
  /** Goes between the engine and the network. */
  readonly between?: ((network: Pick<Transport, 'send'>) => Pick<Transport, 'send'>) | undefined
}

interface Means {
  readonly integration: Integration
  readonly account: Account
  readonly credentials: Readonly<Record<string, string>>
  readonly network: Pick<Transport, 'send'>
  readonly close: () => Promise<void>
}

const ID = 'acc_kit'

/** Opens an account: of the running server, of the provider's sandbox, or one of credentials that are given. Throws EngineError. */
export async function openStand(catalog: Catalog, known: Integration, options: StandOptions): Promise<Stand> {
  const means =
    options.account !== undefined
      ? await ofServer(known, options, options.account)
      : options.sandbox === true
        ? await ofSandbox(known)
        : await ofCredentials(known, options)
  const { integration, account, credentials, network, close } = means
  const { transport, exchanges } = recorded(options.between?.(network) ?? network, SYSTEM_CLOCK)
  const integrations = new Map([...catalog.integrations, [integration.name, integration]])
  const engine = createEngine({ catalog: { ...catalog, integrations }, ports: portsOf(transport, credentials) })
  const call: CallOptions = { requestId: 'req_kit', priority: 'interactive', onLimit: 'wait' }
  const idempotencyKey = `kit-${SYSTEM_RANDOM.id(16)}`
  return { engine, account, credentials, exchanges, options: { ...call, idempotencyKey }, close }
}

function portsOf(transport: Transport, credentials: Readonly<Record<string, string>>): Ports {
  const ignore = (): void => undefined
  const secret = new Secret(credentials)
  return {
    transport,
    clock: SYSTEM_CLOCK,
    random: SYSTEM_RANDOM,
    budget: new MemoryBudget(SYSTEM_CLOCK),
    credentials: { load: () => Promise.resolve(secret) },
    apps: { load: () => Promise.resolve(secret) },
    cursors: { seal: (state) => Buffer.from(JSON.stringify(state)).toString('base64url'), open: openCursor },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    meter: { count: ignore, observe: ignore },
  }
}

function openCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch (cause) {
    throw new EngineError('invalid_cursor', 'The cursor is none of an earlier answer', { cause })
  }
}

const blank = (integration: Integration, more: Partial<Account>): Account => ({
  id: ID,
  environmentId: 'env_kit',
  tenantId: 'tenant_kit',
  integration: integration.name,
  authMethod: '',
  mode: null,
  livemode: null,
  apiVersion: null,
  connection: {},
  traits: {},
  baseUrl: null,
  overrides: {},
  ...more,
})

/** The mode that the values of a form fit, as at connect. */
function found({ modes }: Integration, values: Readonly<Record<string, string>>): Pick<Account, 'mode' | 'livemode'> {
  const mode = modeOf(modes, values)
  return { mode: mode?.name ?? null, livemode: mode?.livemode ?? null }
}

async function ofCredentials(
  integration: Integration,
  { method: name, baseUrl, source }: StandOptions,
): Promise<Means> {
  const method = authMethodOf(integration, name)
  const values = await gatherFields(integration, method, source)
  const form = formOf(integration, method)
  const isOpen = ([field]: [string, string]): boolean => form[field] !== undefined && form[field]?.secret !== true
  const entries = Object.entries(values)
  const origin = baseUrl === undefined ? [] : [new URL(baseUrl).origin]
  const { egressAllow } = readToolSettings({ ONEFOLD_EGRESS_ALLOW: source.env.ONEFOLD_EGRESS_ALLOW })
  const transport = createTransport({ egress: createEgressPolicy({ allow: egressAllow, origins: origin }) })
  return {
    integration,
    account: blank(integration, {
      authMethod: method.name,
      connection: Object.fromEntries(entries.filter(isOpen)),
      baseUrl: baseUrl ?? null,
      ...found(integration, values),
    }),
    credentials: Object.fromEntries(entries.filter((entry) => !isOpen(entry))),
    network: transport,
    close: () => transport.close(),
  }
}

async function ofSandbox(integration: Integration): Promise<Means> {
  if (integration.sandbox.length === 0) {
    throw new EngineError('unknown_integration', `${integration.label} has no sandbox`, { where: '--sandbox' })
  }
  const sandbox = new Sandbox({ integration, clock: SYSTEM_CLOCK })
  await sandbox.ready()
  const { method, credentials, grant } = sandbox.account
  const { connection } = sandbox.rules.account
  const account = { authMethod: method, connection, ...found(integration, { ...connection, ...credentials }) }
  return {
    integration,
    account: blank(integration, account),
    credentials: { ...credentials, ...grant },
    network: throughSandbox(sandbox),
    close: () => Promise.resolve(sandbox.close()),
  }
}

interface ShownAccount {
  readonly id: string
  readonly integration: string
  readonly authentication_method: string
  readonly tenant_id: string | null
  readonly mode: string | null
  readonly livemode: boolean | null
  readonly settings: Readonly<Record<string, string>>
  readonly traits: Readonly<Record<string, unknown>>
}

/** An account of the server: its requests are made here without credentials, which stay where they are. */
async function ofServer(integration: Integration, { server }: StandOptions, id: string): Promise<Means> {
  const answer = await callServer(server, 'GET', `/integrated-account/${encodeURIComponent(id)}`)
  const shown = (await answer.json()) as ShownAccount
  if (shown.integration !== integration.name) {
    throw new EngineError(
      'unknown_account',
      `${id} is an account of ${shown.integration}, not of ${integration.name}`,
      { where: '--account' },
    )
  }
  const method = authMethodOf(integration, shown.authentication_method)
  const bare = { ...method, type: 'none' as const, headers: new Map(), app: {}, oauth2: undefined, signing: undefined }
  const auth = { ...integration.auth, methods: new Map([[method.name, Object.freeze(bare)]]) }
  const account = blank(integration, {
    ...{ id: shown.id, tenantId: shown.tenant_id, authMethod: method.name, mode: shown.mode, livemode: shown.livemode },
    ...{ connection: shown.settings, traits: shown.traits },
  })
  return {
    integration: Object.freeze({ ...integration, auth: Object.freeze(auth) }),
    account,
    credentials: {},
    network: throughServer(server, id, integration),
    close: () => Promise.resolve(),
  }
}
