import type { Integration, Model, NativeResource } from './catalog.ts'
import { FrozenMap } from './frozen.ts'
import { packValue, unpackValue } from './image-table.ts'

/**
 * A compiled definition as texts by section, from which it is there again without reading, checking and compiling. It fits
 * only the code that wrote it.
 */
export type Image = ReadonlyMap<string, string>

/** Gives a section of an image when it is first needed. */
export type SectionReader = (name: string) => string

const LATER = ['resources', 'mappings', 'mappingSources', 'sandbox'] as const

/** The image of an integration. */
export function imageOfIntegration(integration: Integration): Image {
  const { resources, operations, mappings, mappingSources, sandbox, ...facts } = integration
  const large = { resources, mappings, mappingSources, sandbox }
  return new Map([['facts', packValue(facts)], ...LATER.map((name) => [name, packValue(large[name])] as const)])
}

/** The integration of an image: its facts at once, its resources, mappings and sandbox when they are first looked at. */
export function integrationOfImage(section: SectionReader): Integration {
  const facts = unpackValue(section('facts')) as Omit<Integration, (typeof LATER)[number] | 'operations'>
  const part = <K extends (typeof LATER)[number]>(name: K) => once(() => unpackValue(section(name)) as Integration[K])
  const resources = part('resources')
  const operations = once(() => operationsOf(resources()))
  const [mappings, mappingSources, sandbox] = [part('mappings'), part('mappingSources'), part('sandbox')]
  return Object.freeze<Integration>({
    ...facts,
    get resources() {
      return resources()
    },
    get operations() {
      return operations()
    },
    get mappings() {
      return mappings()
    },
    get mappingSources() {
      return mappingSources()
    },
    get sandbox() {
      return sandbox()
    },
  })
}

const operationsOf = (resources: ReadonlyMap<string, NativeResource>): Integration['operations'] =>
  new FrozenMap(
    [...resources.values()].flatMap(({ operations }) =>
      [...operations.values()].map((operation) => [operation.id, operation] as const),
    ),
  )

const sectionOf = (model: string): string => `resources of ${model}`

/** The image of all unified models. */
export function imageOfModels(models: ReadonlyMap<string, Model>): Image {
  const facts = [...models.values()].map(({ resources, ...rest }) => rest)
  const resources = [...models].map(([name, model]) => [sectionOf(name), packValue(model.resources)] as const)
  return new Map([['facts', packValue(facts)], ...resources])
}

/** The models of an image, the resources of each when they are first looked at. */
export function modelsOfImage(section: SectionReader): ReadonlyMap<string, Model> {
  const facts = unpackValue(section('facts')) as readonly Omit<Model, 'resources'>[]
  return new FrozenMap(facts.map((each): [string, Model] => [each.name, modelOf(each, section)]))
}

function modelOf(facts: Omit<Model, 'resources'>, section: SectionReader): Model {
  const resources = once(() => unpackValue(section(sectionOf(facts.name))) as Model['resources'])
  return Object.freeze<Model>({
    ...facts,
    get resources() {
      return resources()
    },
  })
}

function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
