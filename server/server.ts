import { join } from 'node:path'
import { type Clock, createEngine, type Log, MemoryBudget, type Ports } from '../engine/index.ts'
import { beginAhead } from './ahead.ts'
import { DEFAULT_ENVIRONMENT } from './api/authenticate.ts'
import type { Services } from './api/context.ts'
import { createCursors } from './api/cursors.ts'
import { EventStreams } from './api/event-streams.ts'
import { createReads, type Reads } from './api/reads.ts'
import { createRechecks } from './api/rechecks.ts'
import { createApprovals } from './approvals.ts'
import { startChores } from './chores.ts'
import { SYSTEM_CLOCK, SYSTEM_RANDOM } from './clock.ts'
import type { Settings } from './config.ts'
import { BUILT_IMAGES, DefinitionImages } from './definition-images.ts'
import { listen } from './http/listen.ts'
import { registerInbound, reviewInbound } from './inbound/index.ts'
import { createIsolate } from './isolate/index.ts'
import { registerJobs } from './job-handlers.ts'
import { type Jobs, openJobs } from './jobs/index.ts'
import { LiveDefinitions } from './live-definitions.ts'
import { builtInFolder, loadDefinitions } from './load-definitions.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { createOutbound } from './outbound/index.ts'
import { createPause } from './pause.ts'
import { RuleBook, RulesDesk } from './rules/index.ts'
import { type RunningSandbox, startSandboxes } from './sandbox/index.ts'
import { connectConfigured, connectSandboxes } from './start-accounts.ts'
import { startRestored } from './start-restored.ts'
import {
  embeddedAdminToken,
  embeddedMasterKey,
  type KeySource,
  openStores,
  parseMasterKeys,
  type Stores,
} from './stores/index.ts'
import { SyncDesk } from './sync/index.ts'
import { keepViews } from './sync/views.ts'
import { createEgressPolicy, createNarrowEgressPolicy, createTransport } from './transport/index.ts'

/** A running server. */
export interface OnefoldServer {
  /** Where clients reach it. */
  readonly url: string
  readonly port: number
  readonly passthroughPort: number | null
  /** File of the made admin token, or null when it was given or there is none. */
  readonly adminTokenPath: string | null
  readonly services: Services
  /** Stops accepting, lets requests and jobs under way end for up to 10 seconds, then closes the stores. */
  close(): Promise<void>
}

const GRACE_MS = 10_000
const ADMIN_TOKEN_ID = 'tok_admin'
const SANDBOX = 'sandbox'

/** What must be closed, last opened first. */
class Closers {
  readonly #closers: (() => unknown)[] = []

  add(close: () => unknown): void {
    this.#closers.unshift(close)
  }

  async run(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close()
  }
}

/** What a start can be given in place of the usual. */
export interface StartOptions {
  readonly clock?: Clock | undefined
  /** Folder of the built-in definitions. */
  readonly home?: string | undefined
}

interface Means {
  readonly log: Log
  readonly clock: Clock
  readonly home: string
  readonly closers: Closers
}

/** Starts everything: stores, definitions, sandbox, engine and ports. Throws what a start can throw, with all closed again. */
export async function startServer(settings: Settings, log: Log, options: StartOptions = {}): Promise<OnefoldServer> {
  const { clock = SYSTEM_CLOCK, home = builtInFolder() } = options
  const closers = new Closers()
  try {
    return await start(settings, { log, clock, home, closers })
  } catch (error) {
    await closers.run()
    throw error
  }
}

async function start(settings: Settings, { log, clock, home, closers }: Means): Promise<OnefoldServer> {
  const stores = await openAll(settings, { log, clock, closers })
  const adminTokenPath = await adoptAdmin(settings, stores, { log, clock })
  const approvals = createApprovals(stores, () => clock.now())
  const images = new DefinitionImages({
    built: BUILT_IMAGES,
    kept: join(settings.dataDir, 'cache', 'definitions'),
    log,
  })
  const definitions = await LiveDefinitions.open({
    load: (extra) => loadDefinitions(extra, home, images),
    folders: settings.definitions,
    approvals,
    log,
    now: () => clock.now(),
  })
  closers.add(() => definitions.close())
  await keepViews(stores, definitions, log)
  const book = await RuleBook.open({ folders: settings.definitions, catalog: () => definitions.catalog, log })
  closers.add(() => book.close())
  const sandboxes = settings.hasSandbox ? await openSandboxes(settings, definitions, { clock, log, closers }) : []
  for (const sandbox of sandboxes) closers.add(() => sandbox.close())
  const metrics = createMetrics()
  const jobs = await openJobs(stores.database, { clock, log, metrics, random: SYSTEM_RANDOM })
  const services = makeServices(settings, { log, clock, closers, stores, jobs, metrics, definitions, book, sandboxes })
  registerJobs(services, services.sync)
  services.rules.register()
  book.watch()
  registerInbound(services)
  await startRestored(services)
  await connectSandboxes(services, SANDBOX, sandboxes)
  await connectConfigured(services)
  closers.add(startChores(services))
  const opened = await openPorts(services, adminTokenPath, closers)
  await startJobs(services, closers)
  closers.add(beginAhead(services))
  return opened
}

/** The sandboxes, with a network that reaches this machine and what is allowed by name. */
function openSandboxes(
  settings: Settings,
  { catalog }: LiveDefinitions,
  { clock, log, closers }: Omit<Means, 'home'>,
): Promise<readonly RunningSandbox[]> {
  const transport = createTransport({ egress: createNarrowEgressPolicy(settings.egressAllow) })
  closers.add(() => transport.close())
  return startSandboxes(catalog, { clock, log, transport })
}

async function openAll(settings: Settings, { log, clock, closers }: Omit<Means, 'home'>): Promise<Stores> {
  const { databaseUrl, dataDir } = settings
  const stores = await openStores({
    ...(databaseUrl === null ? { dataDir } : { databaseUrl: databaseUrl.reveal() }),
    masterKeys: masterKeysOf(settings, log),
    log,
  })
  closers.add(() => stores.close())
  await stores.keys.beat(clock.now())
  await stores.environments.ensure({ id: DEFAULT_ENVIRONMENT, name: 'Default' }, clock.now())
  await stores.restores.find(clock.now())
  return stores
}

function masterKeysOf({ masterKeys, dataDir }: Settings, log: Log): readonly string[] | KeySource {
  if (masterKeys !== null) return parseMasterKeys(masterKeys.reveal())
  const kept = embeddedMasterKey(dataDir)
  const message = 'a master key was made; back it up, and apart from the data: without it no stored credential opens'
  if (kept.created) log.warn({ path: kept.path }, message)
  return kept.source
}

/** Takes the bootstrap token into the store: the given one, else the one made in the data folder, else none (production). */
async function adoptAdmin(
  settings: Settings,
  stores: Stores,
  { log, clock }: Pick<Means, 'log' | 'clock'>,
): Promise<string | null> {
  const { adminToken, isProduction, dataDir } = settings
  if (adminToken === null && isProduction) {
    log.warn({ setting: 'ONEFOLD_ADMIN_TOKEN' }, 'no bootstrap token is given; only API tokens made before work')
    return null
  }
  const kept = adminToken === null ? embeddedAdminToken(dataDir) : null
  const value = adminToken ?? kept?.value
  if (value === undefined) return null
  const input = { environmentId: null, role: 'owner', name: 'bootstrap' } as const
  await stores.tokens.adoptApi(ADMIN_TOKEN_ID, value, input, clock.now())
  return kept?.path ?? null
}

interface Parts extends Omit<Means, 'home'> {
  readonly stores: Stores
  readonly jobs: Jobs
  readonly metrics: Metrics
  readonly definitions: LiveDefinitions
  readonly book: RuleBook
  readonly sandboxes: readonly RunningSandbox[]
}

function makeServices(
  settings: Settings,
  parts: Parts,
): Services & { readonly sync: SyncDesk; readonly rules: RulesDesk } {
  const { log, clock, closers, stores, jobs, metrics, definitions, book, sandboxes } = parts
  const egress = createEgressPolicy({ allow: settings.egressAllow, origins: sandboxes.map(({ origin }) => origin) })
  const transport = createTransport({ egress })
  closers.add(() => transport.close())
  const cursors = createCursors(stores.vault, clock)
  const reads = createReads(stores, clock)
  const base = { cursors, clock, random: SYSTEM_RANDOM, log }
  const isolate = createIsolate({ clock, log })
  closers.add(() => isolate.close())
  const refused = createRechecks({ jobs, clock, log })
  const pause = createPause()
  const own = {
    transport,
    meter: metrics,
    pause,
    budget: new MemoryBudget(clock),
    credentials: reads,
    isolate,
    refused,
  }
  const ports: Ports = { ...base, ...own, ...grantPorts(stores, reads, clock) }
  const engine = createEngine({ catalog: definitions.catalog, ports })
  closers.add(() => engine.renewed())
  definitions.onChange((catalog) => engine.swap(catalog))
  definitions.watch()
  const sandboxEnvironment = sandboxes.length > 0 ? SANDBOX : null
  const { random } = base
  const outbound = createOutbound({ settings, stores, clock, random, log, metrics })
  closers.add(() => outbound.stop(GRACE_MS))
  const services: Omit<Services, 'sync' | 'rules'> = {
    ...base,
    settings,
    stores,
    reads,
    jobs,
    outbound,
    eventStreams: new EventStreams({ stores, clock, log }),
    engine,
    isolate,
    definitions,
    metrics,
    partingSteps: [],
    sandboxEnvironment,
    lifecycle: { isClosing: false, url: '' },
  }
  return { ...services, sync: new SyncDesk(services), rules: new RulesDesk({ services, book }) }
}

/** What renews tokens: calls read what was read a moment ago, renewals what is stored. */
function grantPorts(stores: Stores, reads: Reads, clock: Clock): Pick<Ports, 'grants' | 'apps' | 'lock'> {
  const { grants } = stores
  return {
    grants: {
      current: reads.grant,
      read: (...of) => grants.read(...of),
      begin: (...of) => grants.begin(...of),
      settle: (...of) => grants.settle(...of),
      replace: (...of) => grants.replace(...of),
      giveUp: (...of) => grants.giveUp(...of),
    },
    apps: { load: reads.app },
    lock: stores.lock(clock),
  }
}

/** What is done once however many processes there are. */
async function startJobs(services: Services, closers: Closers): Promise<void> {
  const { jobs, metrics, outbound, stores } = services
  metrics.gauge('jobs_stored', 'jobs that are not done, by name and status', ['name', 'status'], async () =>
    (await jobs.counts()).map(({ name, status, count }) => ({ labels: { name, status }, value: count })),
  )
  metrics.gauge('webhook_deliveries_stored', 'deliveries by status', ['status'], async () =>
    (await stores.deliveries.counts()).map(({ status, count }) => ({ labels: { status }, value: count })),
  )
  metrics.gauge('rule_runs_stored', 'runs of rules by status', ['status'], async () =>
    (await stores.ruleRuns.counts()).map(({ status, count }) => ({ labels: { status }, value: count })),
  )
  closers.add(() => jobs.stop(GRACE_MS))
  await Promise.all([jobs.start(), outbound.start()])
  await reviewInbound(services)
}

async function openPorts(services: Services, adminTokenPath: string | null, closers: Closers): Promise<OnefoldServer> {
  const { settings, lifecycle } = services
  const listening = await listen(services)
  const { port, passthroughPort } = listening
  const url = settings.publicUrl?.href.replace(/\/$/, '') ?? `http://${hostInUrl(settings.host)}:${port}`
  lifecycle.url = url
  const close = async (): Promise<void> => {
    lifecycle.isClosing = true
    services.eventStreams.close()
    await Promise.all([listening.close(GRACE_MS), services.jobs.stop(GRACE_MS), services.outbound.stop(GRACE_MS)])
    await closers.run()
  }
  return { url, port, passthroughPort, adminTokenPath, services, close }
}

const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)
