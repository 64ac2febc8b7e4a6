import type { Compiled, CompiledTemplate, Operation } from '../../engine/index.ts'
import type { Json } from './paths.ts'
import type { Dice } from './random.ts'
import type { Where } from './store.ts'

/** The request that a call belongs to, as expressions see it. */
export interface RequestFacts {
  readonly id: string
  readonly verb: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: Json
  readonly idempotency_key: string | undefined
  /** The answer is that of an earlier request with the same key. */
  readonly replayed: boolean
  /** Id of the request whose answer this is. */
  readonly original_id: string
  /** Version that it asks for, or else that of the account; empty where there are none. */
  readonly version: string
  /** Null while no rate limit is watched. */
  readonly limit: LimitFacts | null
}

/** How far the tightest rate limit of a request is used up. */
export interface LimitFacts {
  readonly bucket: string
  readonly limit: number
  readonly remaining: number
  /** Seconds until it is full again. */
  readonly reset_s: number
}

/** One call of a method: what its expressions and steps see. */
export interface Run {
  readonly resource: string
  /** Record at hand; undefined until there is one. */
  id: string | undefined
  readonly body: Json
  readonly query: Json
  readonly path: Json
  readonly let: Record<string, unknown>
  item: unknown
  /** Instant of the simulated world in seconds; the seed's own time while it is sown. */
  now: number
  readonly request: RequestFacts
}

/** A value to be worked out: its expressions, and how their results (undefined when missing) make it. */
export interface Values {
  readonly cells: readonly Compiled[]
  readonly build: (results: readonly unknown[]) => unknown
}

/** The simulated world as steps act on it. */
export interface World {
  readonly dice: Dice
  /** The present, in seconds. */
  now(): number
  /** The record at hand of a run, as it is now. */
  current(run: Run): Json | undefined
  /** An expression over the record at hand. */
  evaluate(expression: Compiled, run: Run): unknown
  /** Values over the record at hand. */
  values(list: readonly Values[], run: Run): unknown[]
  /** A record by id, if there is one. */
  get(resource: string, id: unknown): Json | undefined
  /** A record by id. Throws record_not_found, naming the parameter. */
  need(resource: string, id: unknown, param: string): Json
  /** Records with these values that there are by the run's time, in list order. */
  find(resource: string, where: Where, run: Run): readonly Json[]
  create(resource: string, body: Json, run: Run): Json
  set(resource: string, id: string, fields: readonly (readonly [path: string, value: unknown])[]): Json
  remove(resource: string, id: string): void
  /** Runs `resource.method`; the run gives time and request. */
  call(method: string, id: string | undefined, body: Json, run: Run): unknown
  /** A record as it is shown. */
  show(resource: string, id: string, run: Run): Json
  emit(type: string, resource: string, id: string, run: Run, before?: Json): void
  /** Moves the clock on when the call is over. */
  advance(seconds: number): void
}

/** One compiled step. */
export type Step = (world: World, run: Run) => void

/** A link of a record to another. */
export interface Link {
  readonly path: string
  readonly to: readonly string[]
  readonly always: boolean
}

/** A list inside a record. */
export interface NestedList {
  readonly field: string
  readonly of: string
  readonly by: string
  readonly limit: number
  readonly url: CompiledTemplate
  readonly always: boolean
}

/** What a list parameter means. */
export interface Filter {
  readonly field: string
  readonly range: boolean
  readonly any: boolean
  readonly when: Compiled | undefined
  readonly default: Compiled | undefined
  /** Over no record: oldest_first or newest_first. */
  readonly order: Compiled | undefined
}

/** Compiled rules of one method. */
export interface MethodRules {
  readonly name: string
  readonly before: readonly Step[]
  /** What a new record is made from; undefined takes $body. */
  readonly with: readonly (readonly [name: string, value: Values])[] | undefined
  readonly do: readonly Step[]
  readonly changes: readonly string[]
  readonly merges: readonly string[]
  readonly set: readonly (readonly [path: string, value: Values])[]
  /** Parameters that are taken without effect. */
  readonly takes: readonly string[]
  /** Parameters that some rule reads or that are taken without effect; undefined when all of $body is read. */
  readonly known: ReadonlySet<string> | undefined
  readonly emit: Compiled | undefined
  readonly leaves: Values | undefined
  readonly checksId: boolean
  /** It makes a record of its resource by itself. */
  readonly makes: boolean
  readonly tombstone: boolean
  readonly status: number
  readonly answer: Compiled | undefined
  readonly body: Values | undefined
  /** It only shows what would be; everything it does is taken back. */
  readonly forgets: boolean
  /** Resource whose records it lists, and the field there that holds the id of the record at hand. */
  readonly lists: { readonly of: string; readonly by: string } | undefined
}

/** How ids are made. */
export interface IdRules {
  readonly prefix: string
  readonly length: number
  readonly alphabet: string | undefined
  readonly counter: number | undefined
  readonly value: Compiled | undefined
}

/** Compiled rules of one resource. */
export interface ResourceRules {
  readonly name: string
  readonly object: string
  readonly id: IdRules
  readonly idField: string
  readonly single: boolean
  /** Fields of a new record in order, in stages: the fields of a stage read only what stands in earlier ones. */
  readonly record: readonly (readonly (readonly [field: string, value: Values])[])[]
  /** What a field holds when its expression gives nothing. */
  readonly defaults: Json
  /** Records that are there from the start, by id. */
  readonly rows: Readonly<Record<string, Json>>
  readonly computed: readonly (readonly [field: string, value: Compiled])[]
  readonly links: readonly Link[]
  readonly lists: readonly NestedList[]
  /** Path that may be expanded -> field with what is shown there. */
  readonly expandable: Readonly<Record<string, string>>
  /** Path parameter -> resource. */
  readonly parents: Readonly<Record<string, string>>
  readonly oldestFirst: boolean
  /** Whether the token of a next page is the id of the first record there. */
  readonly hasIdTokens: boolean
  readonly listed: Compiled | undefined
  readonly keepS: number | undefined
  readonly filters: ReadonlyMap<string, Filter>
  readonly search: ReadonlyMap<string, string>
  readonly types: Readonly<Record<string, 'integer' | 'number' | 'boolean'>>
  readonly methods: ReadonlyMap<string, MethodRules>
  /** Fields that some method merges by key. */
  readonly merged: ReadonlySet<string>
}

/** An error as it is answered. */
export interface ErrorRules {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: Values])[]
  readonly body: Values
}

/** One group of invented data. */
export interface SeedRules {
  readonly count: number
  readonly fromS: number
  readonly toS: number
  readonly do: readonly Step[]
}

/** A record that an older view needs. */
export interface OlderRead {
  readonly name: string
  readonly in: string
  readonly id: Compiled | undefined
  readonly where: readonly (readonly [path: string, value: Compiled])[]
  readonly all: boolean
}

/** How the records of a resource looked before a change. */
export interface OlderView {
  readonly reads: readonly OlderRead[]
  readonly set: readonly (readonly [path: string, value: Values])[]
  readonly moves: readonly (readonly [from: string, to: string])[]
  readonly drops: readonly string[]
  readonly links: readonly Link[]
}

/** How answers look to requests of older versions. */
export interface VersionRules {
  readonly from: Compiled
  /** The account's version. */
  readonly default: string
  readonly oldest: string | undefined
  readonly newest: string | undefined
  readonly pattern: RegExp | undefined
  readonly error: string
  /** Newest first. */
  readonly changes: readonly { readonly before: string; readonly resources: ReadonlyMap<string, OlderView> }[]
}

/** How events are delivered. */
export interface WebhookRules {
  readonly in: string
  readonly url: Compiled
  readonly when: Compiled | undefined
  readonly version: Compiled | undefined
  /** What a delivery holds; undefined is the event. */
  readonly body: Compiled | undefined
  readonly sign: {
    /** Undefined where the body holds the signature. */
    readonly header: string | undefined
    /** Further headers. */
    readonly headers: readonly (readonly [name: string, value: Compiled])[]
    /** Key of an HMAC; undefined where an RSA key signs. */
    readonly secret: Compiled | undefined
    readonly secretForm: 'text' | 'hex' | 'base64'
    /** Path at which the certificate of the RSA key is served; undefined where an HMAC signs. */
    readonly certificatePath: string | undefined
    readonly algorithm: string
    readonly encoding: 'hex' | 'base64'
    readonly over: Compiled
    /** What the header holds. */
    readonly value: Compiled | undefined
  }
  readonly retryS: readonly number[]
}

/** What time brings about for the records of one resource. */
export interface DueRules {
  readonly in: string
  readonly at: Compiled
  readonly when: Compiled | undefined
  readonly do: readonly Step[]
}

/** An address that no operation declares, and the method that answers there. */
export interface ExtraRoute {
  readonly verb: Operation['verb']
  readonly path: string
  /** `resource.method`. */
  readonly method: string
  readonly parameters: Operation['parameters']
}

/** All rules of a sandbox, compiled. */
export interface Rules {
  readonly account: {
    readonly method: string | undefined
    readonly credentials: Readonly<Record<string, string>>
    readonly connection: Readonly<Record<string, string>>
  }
  readonly refusals: readonly { readonly when: Compiled; readonly error: string }[]
  readonly constants: Json
  readonly headers: readonly (readonly [name: string, value: Values])[]
  readonly list: Values
  readonly searchList: Values
  readonly requestId: IdRules
  readonly errors: ReadonlyMap<string, ErrorRules>
  /** How linked records are asked for; paths of a list start with the prefix. */
  readonly expand: { readonly param: string; readonly depth: number; readonly listPrefix: string } | undefined
  readonly eventsIn: string | undefined
  readonly routes: readonly ExtraRoute[]
  readonly due: readonly DueRules[]
  readonly webhooks: WebhookRules | undefined
  readonly versions: VersionRules | undefined
  readonly resources: ReadonlyMap<string, ResourceRules>
  readonly seed: readonly SeedRules[]
}
