import { createHash } from 'node:crypto'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Catalog, EngineError, type Integration, type Issue, type Log } from '../engine/index.ts'
import { type Approvals, fingerprintOf } from './approvals.ts'

/** What reading all definitions gave: a catalog, or none and the text of every issue. */
export interface LoadedDefinitions {
  readonly catalog: Catalog | null
  /** Rendered for people; empty when there is nothing to say. */
  readonly issues: string
  /** The same, one by one. */
  readonly found: readonly Issue[]
  /** Built-in integrations whose place a definition of an extra folder takes. */
  readonly shadowed: ReadonlySet<string>
}

/** What live definitions work with. */
export interface LiveOptions {
  /** Reads the built-in definitions and those of the folders. */
  readonly load: (folders: readonly string[]) => Promise<LoadedDefinitions>
  /** Extra folders, watched. */
  readonly folders: readonly string[]
  readonly approvals: Approvals
  readonly log: Log
  /** The present, in milliseconds since 1970. */
  readonly now: () => number
}

/** A definition that waits for an admin. */
export interface PendingApproval {
  readonly integration: string
  readonly fingerprint: string
  /** What is served meanwhile. */
  readonly serving: 'former' | 'built_in' | 'none'
}

/** A save that is not in use because it has errors; the last good definitions are. */
export interface RefusedDefinitions {
  /** When it was read, in milliseconds since 1970. */
  readonly at: number
  /** One line that says what is wrong and where. */
  readonly reason: string
  readonly issues: readonly Issue[]
}

const POLL_MS = 1_000

/**
 * The definitions in use. A reload swaps the whole checked catalog or keeps the last good one; a definition from an extra
 * folder that shadows a built-in one, or changes auth or hosts of an integration with accounts, waits for an approval.
 */
export class LiveDefinitions {
  readonly #options: LiveOptions
  readonly #pending = new Map<string, PendingApproval>()
  readonly #listeners: ((catalog: Catalog) => void)[] = []
  #catalog: Catalog
  #refused: RefusedDefinitions | null = null
  #signature = ''
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()

  private constructor(options: LiveOptions, catalog: Catalog) {
    this.#options = options
    this.#catalog = catalog
  }

  /** Reads everything once. Throws definition_invalid with all issues when there is no good catalog to start with. */
  static async open(options: LiveOptions): Promise<LiveDefinitions> {
    const signature = await signatureOf(options.folders)
    const loaded = await options.load(options.folders)
    const { catalog, issues } = loaded
    if (catalog === null) throw new EngineError('definition_invalid', `The definitions have errors:\n${issues}`)
    if (issues !== '') options.log.warn({}, `the definitions have warnings:\n${issues}`)
    const live = new LiveDefinitions(options, { hash: '', integrations: new Map(), models: catalog.models })
    live.#signature = signature
    live.#catalog = await live.#guarded(catalog, loaded.shadowed)
    return live
  }

  /** The catalog in use. */
  get catalog(): Catalog {
    return this.#catalog
  }

  /** The last save, when it is not in use because of its errors. */
  get refused(): RefusedDefinitions | null {
    return this.#refused
  }

  /** Definitions that wait for an admin, by integration. */
  get pending(): ReadonlyMap<string, PendingApproval> {
    return this.#pending
  }

  /** Calls back with every new catalog. */
  onChange(listener: (catalog: Catalog) => void): void {
    this.#listeners.push(listener)
  }

  /** Looks at the folders every second. */
  watch(): void {
    if (this.#options.folders.length === 0 || this.#timer !== null) return
    this.#timer = setInterval(() => void this.reloadIfChanged(), POLL_MS)
    this.#timer.unref()
  }

  /** Ends watching, after a reload under way. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }

  /** Reads again when a file of the folders was added, changed or removed. Problems are logged, never thrown. */
  reloadIfChanged(): Promise<void> {
    return this.#next(async () => {
      const signature = await signatureOf(this.#options.folders)
      if (signature === this.#signature) return
      this.#signature = signature
      await this.#reload()
    })
  }

  /** Agrees to a pending definition and takes it into use. Throws not_found when nothing waits under this name. */
  async approve(integration: string, actor: string): Promise<void> {
    const waiting = this.#pending.get(integration)
    if (waiting === undefined) throw new EngineError('not_found', `No definition of ${integration} waits for approval`)
    await this.#options.approvals.approve(integration, waiting.fingerprint, actor)
    await this.#next(() => this.#reload())
  }

  /** Notes the definition that an account is connected with as agreed to. */
  async trust(integration: Integration): Promise<void> {
    const fingerprint = fingerprintOf(integration)
    if ((await this.#options.approvals.approved(integration.name)) === fingerprint) return
    await this.#options.approvals.approve(integration.name, fingerprint, 'system')
  }

  /** One reload at a time. */
  #next(work: () => Promise<void>): Promise<void> {
    const run = this.#running.then(work).catch((error: unknown) => {
      this.#refuse(error instanceof Error ? error.message : String(error), [])
      this.#options.log.error({ err: error }, 'the definitions were not reloaded; the last good ones stay in use')
    })
    this.#running = run
    return run
  }

  #refuse(reason: string, issues: readonly Issue[]): void {
    this.#refused = Object.freeze({ at: this.#options.now(), reason, issues })
  }

  async #reload(): Promise<void> {
    const { load, folders, log } = this.#options
    const { catalog, issues, found, shadowed } = await load(folders)
    if (catalog === null) {
      const errors = found.filter(({ severity }) => severity === 'error')
      const [first] = errors
      const where = first === undefined ? '' : `, the first at ${first.file}:${first.line}:${first.column}`
      const reason = `${errors.length} error${errors.length === 1 ? '' : 's'}${where}`
      this.#refuse(reason, found)
      log.error({ errors: errors.length }, `the definitions have ${reason}; the last good ones stay in use:\n${issues}`)
      return
    }
    this.#catalog = await this.#guarded(catalog, shadowed)
    this.#refused = null
    for (const listener of this.#listeners) listener(this.#catalog)
    log.info({ hash: this.#catalog.hash, pending: [...this.#pending.keys()] }, 'the definitions were reloaded')
  }

  /** The catalog with every definition that must wait replaced by what was served before. */
  async #guarded(fresh: Catalog, shadowed: ReadonlySet<string>): Promise<Catalog> {
    const extras = [...fresh.integrations.values()].filter(({ isExtra }) => isExtra)
    this.#pending.clear()
    if (extras.length === 0) return fresh
    const builtIn = shadowed.size > 0 ? (await this.#options.load([])).catalog : null
    const integrations = new Map(fresh.integrations)
    for (const extra of extras) {
      const fingerprint = fingerprintOf(extra)
      if (!(await this.#mustWait(extra.name, fingerprint, shadowed.has(extra.name)))) continue
      const former = this.#catalog.integrations.get(extra.name) ?? builtIn?.integrations.get(extra.name)
      if (former === undefined) integrations.delete(extra.name)
      else integrations.set(extra.name, former)
      const serving = former === undefined ? 'none' : former.isExtra ? 'former' : 'built_in'
      this.#pending.set(extra.name, Object.freeze({ integration: extra.name, fingerprint, serving }))
      this.#options.log.warn({ integration: extra.name, serving }, 'a definition waits for an approval by an admin')
    }
    if (this.#pending.size === 0) return fresh
    const hash = createHash('sha256')
      .update(fresh.hash + [...this.#pending.keys()].join())
      .digest('hex')
    return Object.freeze({ hash, models: fresh.models, integrations })
  }

  /** A definition as it was served before, or agreed to, need not wait; the first one of an integration is taken as it is. */
  async #mustWait(name: string, fingerprint: string, isShadow: boolean): Promise<boolean> {
    const { approvals } = this.#options
    const former = this.#catalog.integrations.get(name)
    if (former !== undefined && fingerprintOf(former) === fingerprint) return false
    const approved = await approvals.approved(name)
    if (approved === fingerprint) return false
    if (isShadow) return true
    if (former === undefined && approved === null) return false
    return approvals.isConnected(name)
  }
}

/** Changes whenever a file below the folders does: path, size and time of each. */
export async function signatureOf(folders: readonly string[]): Promise<string> {
  const lines: string[] = []
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (entry.isDirectory()) continue
      const path = join(entry.parentPath, entry.name)
      const info = await lstat(path).catch(() => null)
      if (info !== null) lines.push(`${path}:${info.size}:${info.mtimeMs}`)
    }
  }
  return lines.sort().join('\n')
}
