import { EngineError } from '../../../engine/index.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import type { SentOverride } from '../../api/override-check.ts'
import {
  type Overridden,
  overriddenAccount,
  overriddenEnvironment,
  overrideChanges,
  overrideHistory,
  overrideVersion,
  removeOverride,
  rollBackOverride,
  setOverride,
  type Trial,
  tryOverride,
} from '../../api/overrides.ts'
import { overrideOut, pageReply, readPageQuery, versionOut } from '../../api/wire.ts'
import type { Route, RouteCall } from '../route.ts'
import { anyObject, CURRENT_VERSION, OVERRIDE, OVERRIDE_VERSION, object, PAGING, pageOf, text } from '../schemas.ts'

/** Where a layer of overrides is found, and the account that a trial is made with. */
interface Layer {
  readonly path: string
  readonly named: string
  readonly find: (call: RouteCall) => Promise<Overridden>
  /** Undefined where the body of a trial names it. */
  readonly accountOf: ((call: RouteCall) => string) | undefined
}

const ENVIRONMENT_LAYER: Layer = {
  path: '/environment/{id}/override/{integration}',
  named: 'an environment for one integration',
  find: ({ context, params }) => overriddenEnvironment(context, params.id ?? '', params.integration ?? ''),
  accountOf: undefined,
}
const ACCOUNT_LAYER: Layer = {
  path: '/integrated-account/{id}/override',
  named: 'an account',
  find: ({ context, params }) => overriddenAccount(context, params.id ?? ''),
  accountOf: ({ params }) => params.id ?? '',
}

const version = (description: string) => ({ description, schema: { type: 'integer', minimum: 0 } })
const SENT = {
  override: {
    ...anyObject('By unified model: `{ model: { resources: { resource: { fields: ... } } } }`.'),
    minProperties: 1,
  },
  text: text('The same as YAML or JSON text, instead of `override`; issues then have lines and columns.'),
}
const NOTE = text('Why, for the history.', { maxLength: 500 })
const CHANGES = { type: 'array', description: 'In the order of their names.', items: anyObject('What differs.') }

/** Overrides of environments and accounts: read, change, look back, compare, go back, try. */
export const OVERRIDE_ROUTES: readonly Route[] = [ENVIRONMENT_LAYER, ACCOUNT_LAYER].flatMap((layer) => [
  ...readsOf(layer),
  ...writesOf(layer),
  trialOf(layer),
])

function readsOf({ path, named, find }: Layer): Route[] {
  const common = { verb: 'get', tag: 'Overrides', rank: 'read' } as const
  return [
    {
      ...{
        ...common,
        path,
        answer: OVERRIDE,
        query: { version: version('An earlier one; by default the one that counts.') },
      },
      summary: `Gets what ${named} overrides; version 0 when nothing ever was.`,
      handle: async (call) => {
        const overridden = await find(call)
        const wanted = numberIn(call, 'version')
        const found = await overrideVersion(call.context, overridden, wanted)
        return { status: 200, body: overrideOut(overridden.owner, found) }
      },
    },
    {
      ...{ ...common, path: `${path}/history`, query: PAGING, answer: pageOf(OVERRIDE_VERSION) },
      summary: `Lists the versions of the overrides of ${named}: who, when and why.`,
      handle: async (call) => {
        const { owner, integration } = await find(call)
        const list = `overrides of ${JSON.stringify(owner)}`
        const { page, binding } = readPageQuery(call.context, list, call.query)
        return pageReply(
          call.context,
          binding,
          await overrideHistory(call.context, { owner, integration }, page),
          versionOut,
        )
      },
    },
    {
      ...{ ...common, path: `${path}/diff` },
      query: {
        from: version('The version before, 0 for none.'),
        to: version('The version after; by default the one that counts.'),
      },
      answer: object({ from: { type: 'integer' }, to: { type: 'integer' }, changes: CHANGES }),
      summary: `Says which unified fields and filters differ between two versions of the overrides of ${named}.`,
      handle: async (call) => diff(call, await find(call)),
    },
  ]
}

function writesOf({ path, named, find }: Layer): Route[] {
  const common = { tag: 'Overrides', rank: 'admin', answer: OVERRIDE } as const
  return [
    {
      ...{ ...common, verb: 'put', path, query: {} },
      summary: `Replaces what ${named} overrides, from the next call on.`,
      body: object({ ...SENT, note: NOTE, current_version: CURRENT_VERSION }, ['override', 'text', 'note']),
      handle: async (call) => {
        const { current_version: currentVersion, ...sent } = call.body as SentBody
        const overridden = await find(call)
        const stored = await setOverride(call.context, overridden, { ...sent, currentVersion })
        return { status: 200, body: overrideOut(overridden.owner, stored) }
      },
    },
    {
      ...{ ...common, verb: 'delete', path, query: { current_version: version(CURRENT_VERSION.description) } },
      summary: `Takes away what ${named} overrides; the history stays.`,
      handle: async (call) => {
        const overridden = await find(call)
        const currentVersion = needed(numberIn(call, 'current_version'), 'current_version')
        const stored = await removeOverride(call.context, overridden, { currentVersion })
        return { status: 200, body: overrideOut(overridden.owner, stored) }
      },
    },
    {
      ...{ ...common, verb: 'post', path: `${path}/rollback`, query: {} },
      summary: `Makes an earlier version of the overrides of ${named} count again, as a new version.`,
      body: object(
        {
          version: { type: 'integer', minimum: 1, description: 'The version to go back to.' },
          note: NOTE,
          current_version: CURRENT_VERSION,
        },
        ['note'],
      ),
      handle: async (call) => {
        const given = call.body as { version: number; note?: string; current_version: number }
        const overridden = await find(call)
        const replacing = { version: given.version, note: given.note, currentVersion: given.current_version }
        const stored = await rollBackOverride(call.context, overridden, replacing)
        return { status: 200, body: overrideOut(overridden.owner, stored) }
      },
    },
  ]
}

interface SentBody extends SentOverride {
  readonly note?: string
  readonly current_version: number
}

function trialOf({ path, named, find, accountOf }: Layer): Route {
  const subject = {
    model: text('Unified model.'),
    resource: text('Unified resource.'),
    id: text('Unified id of a record, to be read from the provider.'),
    record: anyObject('Or a native record as the provider has it.'),
  }
  const account = accountOf === undefined ? { integrated_account_id: text('The account to try it with.') } : {}
  return {
    ...{ verb: 'post', path: `${path}/try`, tag: 'Overrides', rank: 'admin', query: {} },
    summary: `Maps one record with proposed overrides of ${named} beside the current ones; nothing is stored.`,
    body: object({ ...SENT, ...subject, ...account }, ['override', 'text', 'id', 'record']),
    answer: object({
      changes: CHANGES,
      current: anyObject('The unified record as it is.'),
      proposed: anyObject('The unified record as it would be.'),
      warnings: { type: 'array', items: anyObject('What does not stop it.'), description: 'Empty when all is well.' },
    }),
    handle: async (call) => {
      const given = call.body as Trial & { integrated_account_id?: string }
      const overridden = await find(call)
      const accountId = accountOf === undefined ? (given.integrated_account_id ?? '') : accountOf(call)
      return { status: 200, body: await tryOverride(call.context, overridden, accountId, given) }
    },
  }
}

async function diff(call: RouteCall, overridden: Overridden): Promise<Reply> {
  const from = needed(numberIn(call, 'from'), 'from')
  const to = numberIn(call, 'to') ?? (await currentVersion(call.context, overridden))
  return { status: 200, body: { from, to, changes: await overrideChanges(call.context, overridden, from, to) } }
}

const currentVersion = async (context: CallContext, overridden: Overridden): Promise<number> =>
  (await overrideVersion(context, overridden))?.version ?? 0

/** A whole number in the query. Throws invalid_parameter. */
function numberIn({ query }: RouteCall, name: string): number | undefined {
  const given = query.filter(([key]) => key === name).map(([, value]) => value)
  if (given.length === 0) return undefined
  if (given.length === 1 && /^\d{1,9}$/.test(given[0] ?? '')) return Number(given[0])
  throw new EngineError('invalid_parameter', `\`${name}\` is a version: one whole number`, { where: name })
}

function needed(value: number | undefined, where: string): number {
  if (value !== undefined) return value
  throw new EngineError('invalid_parameter', `\`${where}\` is missing`, { where })
}
