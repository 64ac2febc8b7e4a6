import { CURRENCIES, EngineError, type Model, type ModelResource } from '../../../engine/index.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { modelResource } from '../../api/unified.ts'
import type { Route } from '../route.ts'
import { anyObject, object, pageOf, text, texts } from '../schemas.ts'

const MODEL = object({
  name: text('Name, as in paths.'),
  title: text('Name for people.'),
  description: text('What the model is for.'),
  resources: texts('Names of its resources.'),
})
const CURRENCY = object({
  code: text('Code of ISO 4217.'),
  exponent: { type: 'integer', description: 'Decimals of the minor unit that amounts are given in.' },
})

/** What there is, without calling a provider. */
export const META_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/unified/meta/models', tag: 'Discovery', rank: 'any', query: {} },
    summary: 'Lists the unified models.',
    answer: pageOf(MODEL),
    handle: ({ context }) => whole([...modelsOf(context).values()].map(modelOut)),
  },
  {
    ...{ verb: 'get', path: '/unified/meta/models/{model}', tag: 'Discovery', rank: 'any', query: {} },
    summary: 'Gets a unified model with its resources.',
    answer: anyObject('The model; `resources` holds methods, filters and expandable fields by name.'),
    handle: ({ context, params }) => reply(modelDetail(context, params.model ?? '')),
  },
  {
    ...{ verb: 'get', path: '/unified/meta/currencies', tag: 'Discovery', rank: 'any', query: {} },
    summary: 'Lists the currencies with their number of decimals.',
    answer: pageOf(CURRENCY),
    handle: () => whole([...CURRENCIES].map(([code, exponent]) => ({ code, exponent }))),
  },
  {
    ...{ verb: 'get', path: '/unified/meta/{model}/{resource}/schema', tag: 'Discovery', rank: 'any', query: {} },
    summary: 'Gets the JSON Schemas of a unified resource and its bodies.',
    answer: anyObject('Schemas, draft 2020-12.'),
    handle: ({ context, params }) =>
      reply(resourceOut(modelResource(context.services, params.model ?? '', params.resource ?? ''), true)),
  },
]

const reply = (body: unknown): Promise<Reply> => Promise.resolve({ status: 200, body })

const whole = (result: readonly unknown[]): Promise<Reply> =>
  reply({ result, next_cursor: null, limit: Math.max(1, result.length) })

const modelsOf = ({ services }: CallContext): ReadonlyMap<string, Model> => services.engine.catalog().models

const modelOut = ({ name, title, description, resources }: Model) => ({
  name,
  title,
  description,
  resources: [...resources.keys()],
})

function modelDetail(context: CallContext, name: string): unknown {
  const model = modelsOf(context).get(name)
  if (model === undefined) {
    const valid = [...modelsOf(context).keys()]
    throw new EngineError('unknown_model', `There is no unified model ${name.slice(0, 64)}`, { valid })
  }
  const resources = [...model.resources.values()].map((resource) => [resource.name, resourceOut(resource, false)])
  return { ...modelOut(model), resources: Object.fromEntries(resources) }
}

function resourceOut(resource: ModelResource, withSchemas: boolean): Record<string, unknown> {
  const { model, name, object: recordObject, description, writes, methods, filters, expand } = resource
  return {
    model,
    name,
    object: recordObject,
    description,
    methods: ['list', 'get', ...writes, ...methods.keys()],
    named_methods: Object.fromEntries(
      [...methods.values()].map(({ name: method, on, effect, description: about }) => [
        method,
        { on, effect, description: about },
      ]),
    ),
    filters: Object.fromEntries(
      [...filters.values()].map(({ name: filter, type, ops, values, description: about }) => [
        filter,
        { type, ops, description: about, ...(values === undefined ? {} : { values }) },
      ]),
    ),
    expand,
    ...(withSchemas ? { schema: resource.schema, bodies: Object.fromEntries(resource.bodies) } : {}),
  }
}
