import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROUTES } from '../../server/http/routes/index.ts'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
let document: any
beforeAll(async () => {
  stand = await openStand()
  document = (await stand.call('GET', '/openapi.json', { token: null })).body
})
afterAll(() => stand.close())

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(document))
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  it('has every unified resource with its record, writes, methods and filters', () => {
    for (const model of stand.server.services.engine.catalog().models.values()) {
      for (const resource of model.resources.values()) {
        const base = `/unified/${model.name}/${resource.name}`
        const list = document.paths[base].get
        const names = list.parameters.map(({ name }: { name?: string }) => name)
        for (const filter of resource.filters.values()) {
          expect(names.some((name?: string) => name?.split('[')[0] === filter.name)).toBe(true)
        }
        expect(document.components.schemas[`${model.name}.${resource.name}`].properties).toHaveProperty('id')
        for (const method of resource.methods.values()) {
          const path = method.on === 'record' ? `${base}/{id}/${method.name}` : `${base}/${method.name}`
          expect(document.paths[path].post['x-effect']).toBe(method.effect)
        }
      }
    }
  })

  it('has every endpoint of the platform', () => {
    for (const { path, verb, isGeneric } of ROUTES) {
      if (isGeneric === true) expect(document.paths[path]).toBeUndefined()
      else expect(document.paths[path][verb].summary).toMatch(/\.$/)
    }
  })

  it('names each operation once and refers to nothing that is missing', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item as object))
    const ids = operations.map(({ operationId }) => operationId)
    expect(ids).toEqual([...new Set(ids)])
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '')
    const missing = references.filter(
      (path) => path.split('/').reduce((at, name) => at?.[name], document) === undefined,
    )
    expect([...new Set(missing)]).toEqual([])
  })

  it('describes what the server answers: a real answer fits', async () => {
    const { Ajv2020 } = await import('ajv/dist/2020.js')
    const { default: formats } = await import('ajv-formats')
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    formats.default(ajv)
    ajv.addSchema({ $id: 'api', ...document })
    stand.upstream.addCustomers(2)
    const answers = [
      ['/unified/payment-gateway/customers?integrated_account_id=acme-1', '/unified/payment-gateway/customers'],
      ['/integrated-account', '/integrated-account'],
      ['/environment', '/environment'],
      ['/unified/meta/currencies', '/unified/meta/currencies'],
    ] as const
    for (const [call, path] of answers) {
      const pointer = `api#/paths/${path.replaceAll('/', '~1')}/get/responses/200/content/application~1json/schema`
      const validate = ajv.compile({ $ref: pointer })
      validate((await stand.call('GET', call)).body)
      expect(validate.errors).toBeNull()
    }
    const problem = ajv.compile({ $ref: 'api#/components/schemas/Problem' })
    problem((await stand.call('GET', '/nowhere')).body)
    expect(problem.errors).toBeNull()
  })
})
