import {
  type Catalog,
  compileRules,
  EngineError,
  type Issue,
  type Log,
  type Rule,
  renderIssues,
} from '../../engine/index.ts'
import { readRules } from '../definitions.ts'
import { signatureOf } from '../live-definitions.ts'
import { eventTypes } from './event-types.ts'
import { hears } from './heard.ts'

/** Where rules are read from. */
interface BookOptions {
  /** Folders of definitions; rules stand in `rules/` of each. */
  readonly folders: readonly string[]
  readonly catalog: () => Catalog
  readonly log: Log
}

const POLL_MS = 1_000

/** The rules in use. A reload takes all of them or, with a fault in one, keeps those that there were. */
export class RuleBook {
  readonly #options: BookOptions
  #rules: ReadonlyMap<string, Rule> = new Map()
  #signature = ''
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> = Promise.resolve()

  private constructor(options: BookOptions) {
    this.#options = options
  }

  /** Reads all rules. Throws definition_invalid with everything that is wrong. */
  static async open(options: BookOptions): Promise<RuleBook> {
    const book = new RuleBook(options)
    book.#signature = await signatureOf(options.folders)
    const { rules, issues } = book.check()
    if (rules === undefined)
      throw new EngineError('definition_invalid', `The rules have errors:\n${renderIssues(issues)}`)
    book.#rules = rules
    return book
  }

  /** By name. */
  get all(): ReadonlyMap<string, Rule> {
    return this.#rules
  }

  /** Rules that are at work in an environment. */
  of(environmentId: string): readonly Rule[] {
    return [...this.#rules.values()].filter((rule) => isAtWork(rule, environmentId))
  }

  /** The rule of a run, or undefined when it is not at work there any more. */
  working(name: string, environmentId: string): Rule | undefined {
    const rule = this.#rules.get(name)
    return rule !== undefined && isAtWork(rule, environmentId) ? rule : undefined
  }

  /** Whether any rule of an environment is to be told of events of a type. */
  hears(environmentId: string, type: string): boolean {
    for (const rule of this.#rules.values()) if (hears(rule, type) && isAtWork(rule, environmentId)) return true
    return false
  }

  /** Looks at the folders every second. */
  watch(): void {
    if (this.#options.folders.length === 0 || this.#timer !== null) return
    this.#timer = setInterval(() => void this.reloadIfChanged(), POLL_MS).unref()
  }

  /** Ends watching, after a reload under way. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#running
  }

  /** Reads again when a file of the folders was added, changed or removed. Problems are logged, never thrown. */
  reloadIfChanged(): Promise<void> {
    const { folders, log } = this.#options
    this.#running = this.#running
      .then(async () => {
        const signature = await signatureOf(folders)
        if (signature === this.#signature) return
        this.#signature = signature
        this.#take(this.check())
      })
      .catch((error) => log.error({ err: error }, 'the rules were not reloaded'))
    return this.#running
  }

  /** What the files say now. */
  check(): { readonly rules: ReadonlyMap<string, Rule> | undefined; readonly issues: readonly Issue[] } {
    const { folders, catalog } = this.#options
    return compileRules(readRules(folders.map((path) => ({ path, root: path }))), eventTypes(catalog()))
  }

  #take({ rules, issues }: ReturnType<RuleBook['check']>): void {
    const { log } = this.#options
    if (rules === undefined) {
      log.error({}, `the rules have errors, so the last good ones stay:\n${renderIssues(issues)}`)
      return
    }
    const before = [...this.#rules.values()].map(({ version }) => version).join()
    this.#rules = rules
    const after = [...rules.values()].map(({ version }) => version).join()
    if (before !== after) log.info({ rules: [...rules.keys()] }, 'the rules were reloaded')
  }
}

const isAtWork = ({ isEnabled, environments }: Rule, environmentId: string): boolean =>
  isEnabled && environments.includes(environmentId)
