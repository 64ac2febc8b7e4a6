import { randomBytes } from 'node:crypto'
import { stringify } from 'yaml'
import type { Catalog, Operation } from '../../engine/definition/catalog.ts'
import { compileCatalog, renderIssues } from '../../engine/definition/index.ts'
import { CallState } from '../../engine/execute/call-state.ts'
import type { EngineContext, Invocation } from '../../engine/execute/context.ts'
import { MemoryBudget } from '../../engine/execute/memory-budget.ts'
import { type Account, type CallOptions, type Ports, Secret } from '../../engine/index.ts'
import type { Integration, Method, Resource } from '../../engine/schema/generated.ts'
import { createCursors } from '../../server/api/cursors.ts'
import { createVault } from '../../server/stores/vault.ts'
import { createEgressPolicy, createTransport, type NetworkTransport } from '../../server/transport/index.ts'
import { VirtualClock } from './virtual-clock.ts'

/** A made-up provider: what an integration file says besides its name, and resources by name with their methods. */
export interface Definition extends Partial<Omit<Integration, 'name' | 'onefold'>> {
  readonly resources: Readonly<
    Record<string, Partial<Resource> & { readonly methods: Readonly<Record<string, Method>> }>
  >
}

/** Compiles a made-up provider `acme` as the product would, from YAML. Fails on any issue that is an error. */
export function compileAcme({ resources, ...integration }: Definition): Catalog {
  const head = { onefold: 1, name: 'acme', label: 'Acme', description: 'A made-up processor.' }
  const auth = {
    methods: {
      key: { type: 'bearer', label: 'Key', fields: { key: { label: 'Key', secret: true } }, token: '$credentials.key' },
    },
  }
  const hosts = { default: { url: 'https://api.acme.test/v1' } }
  const files = [
    { path: 'integrations/acme/integration.yaml', text: stringify({ ...head, hosts, auth, ...integration }) },
    ...Object.entries(resources).map(([name, resource]) => ({
      path: `integrations/acme/resources/${name}.yaml`,
      text: stringify({ name, description: 'Made-up records.', ...resource }),
    })),
  ]
  const { catalog, issues } = compileCatalog(files)
  if (catalog === undefined) throw new Error(renderIssues(issues))
  return catalog
}

/** A connected account of acme whose requests go to `baseUrl`. */
export const accountAt = (baseUrl: string, extra: Partial<Account> = {}): Account => ({
  id: 'acc_1',
  environmentId: 'env_1',
  tenantId: null,
  integration: 'acme',
  authMethod: 'key',
  mode: null,
  livemode: null,
  apiVersion: null,
  connection: {},
  traits: {},
  baseUrl,
  overrides: {},
  ...extra,
})

/** One line that the engine logged. */
export interface Logged {
  readonly level: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

/** An engine context on real parts, but for time, randomness, log and meter, which are kept to be looked at. */
export interface Desk {
  readonly context: EngineContext
  readonly clock: VirtualClock
  readonly budget: MemoryBudget
  readonly logged: Logged[]
  readonly counted: { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]
  readonly transport: NetworkTransport
  /** Requests handed to the transport and not yet answered. */
  readonly inFlight: () => number
  readonly account: Account
  close(): Promise<void>
}

/** Sets up a desk for a definition whose provider answers at `baseUrl`. */
export function openDesk(definition: Definition, baseUrl: string): Desk {
  const clock = new VirtualClock()
  const budget = new MemoryBudget(clock)
  const transport = createTransport({ egress: createEgressPolicy({ allow: ['127.0.0.1'] }) })
  const logged: Logged[] = []
  const counted: Desk['counted'] = []
  let [flying, ids] = [0, 0]
  const log = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    logged.push({ level, fields, message })
  }
  const ports: Ports = {
    transport: {
      ...transport,
      send: (request) => {
        flying += 1
        return transport.send(request).finally(() => {
          flying -= 1
        })
      },
    },
    clock,
    budget,
    random: { next: () => 0.5, id: (length = 21) => `id${++ids}`.padEnd(length, '_') },
    credentials: { load: async () => new Secret({ key: 'key_secret_1' }) },
    cursors: createCursors(createVault([randomBytes(32).toString('base64')]), clock),
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    meter: { count: (name, labels = {}) => void counted.push({ name, labels }), observe: () => undefined },
  }
  const context: EngineContext = { catalog: compileAcme(definition), ports }
  const desk = {
    context,
    clock,
    budget,
    logged,
    counted,
    transport,
    inFlight: () => flying,
    account: accountAt(baseUrl),
  }
  return { ...desk, close: () => transport.close() }
}

/** Options of a call that waits at limits and has no deadline. */
export const callOptions = (extra: Partial<CallOptions> = {}): CallOptions => ({
  requestId: 'req_1',
  priority: 'interactive',
  onLimit: 'wait',
  ...extra,
})

/** An invocation of an operation of acme by its id. */
export function invocationOf(
  desk: Desk,
  id: string,
  input: Partial<Invocation['input']> = {},
  options: Partial<CallOptions> = {},
): Invocation {
  const operation: Operation | undefined = desk.context.catalog.integrations.get('acme')?.operations.get(id)
  if (operation === undefined) throw new Error(`acme has no operation ${id}`)
  const merged = callOptions(options)
  return {
    account: desk.account,
    operation,
    input: { path: {}, query: {}, ...input },
    options: merged,
    call: new CallState(merged),
  }
}

/** Runs work to its end on the desk's clock; time stands still while the upstream is asked. */
export const onClock = <T>(desk: Desk, work: Promise<T>): Promise<T> =>
  desk.clock.drive(work, () => desk.inFlight() > 0)
