import { describe, expect, it } from 'vitest'
import { resolveOperation } from '../../engine/request/index.ts'
import { host, integration, operation } from '../support/acme.ts'
import { codeOf } from '../support/code-of.ts'

const acme = integration(
  [
    operation('customers.list', 'GET', '/v1/customers'),
    operation('customers.search', 'GET', '/v1/customers/search'),
    operation('customers.get', 'GET', '/v1/customers/{{ $path.id }}'),
    operation('customers.update', 'POST', '/v1/customers/{{ $path.id }}'),
    operation('sources.list', 'GET', '/v1/customers/{{ $path.customer }}/sources'),
    operation('search.history', 'GET', '/v1/customers/search/{{ $path.id }}/history'),
    operation('payments.capture', 'POST', '/v1/payments/{{ $path.id }}:capture'),
    operation('payments.get_json', 'GET', '/v1/payments/{{ $path.id }}.json'),
    operation('payments.get', 'GET', '/v1/payments/{{ $path.id }}'),
    operation('sites.get', 'GET', '/v1/{{ $connection.site }}/site'),
    operation('root.get', 'GET', '/'),
    operation('files.get', 'GET', '/v1/files/{{ $path.id }}', { host: 'files' }),
    operation('both.get_files', 'GET', '/v1/both', { host: 'files' }),
    operation('both.get', 'GET', '/v1/both'),
  ],
  {
    hosts: new Map([
      ['default', host('default', 'https://api.acme.test')],
      ['files', host('files', 'https://files.acme.test')],
    ]),
  },
)

const resolved = (verb: string, target: string, on?: string) => resolveOperation(acme, verb, target, on)?.id

describe('resolveOperation', () => {
  it.each([
    ['GET', '/v1/customers', 'customers.list'],
    ['GET', '/v1/customers/', 'customers.list'],
    ['GET', '/v1/customers?limit=3', 'customers.list'],
    ['HEAD', '/v1/customers', 'customers.list'],
    ['GET', '/v1/customers/cus_1', 'customers.get'],
    ['GET', '/v1/customers/cus_1?expand[]=/v1/other', 'customers.get'],
    ['POST', '/v1/customers/cus_1', 'customers.update'],
    ['GET', '/v1/customers/search', 'customers.search'],
    ['GET', '/v1/%63ustomers/cus%5F1', 'customers.get'],
    ['GET', '/v1/customers/search/sources', 'sources.list'],
    ['GET', '/v1/customers/search/x/history', 'search.history'],
    ['POST', '/v1/payments/p1:capture', 'payments.capture'],
    ['GET', '/v1/payments/p1.json', 'payments.get_json'],
    ['GET', '/v1/payments/p1', 'payments.get'],
    ['GET', '/v1/a/site', 'sites.get'],
    ['GET', '/', 'root.get'],
    ['GET', '/v1/files/f1', 'files.get'],
    ['GET', '/v1/both', 'both.get'],
  ])('%s %s is %s', (verb, target, id) => {
    expect(resolved(verb, target)).toBe(id)
  })

  it.each([
    ['DELETE', '/v1/customers/cus_1'],
    ['GET', '/v1/Customers'],
    ['GET', '/v1/customers/cus_1/unknown'],
    ['GET', '/v1'],
    ['GET', '/v2/customers'],
    ['POST', '/v1/payments/:capture'],
    ['get', '/v1/customers'],
    ['OPTIONS', '/v1/customers'],
  ])('%s %s is not declared', (verb, target) => {
    expect(resolved(verb, target)).toBeUndefined()
  })

  it('looks on the named host only', () => {
    expect(resolved('GET', '/v1/both', 'files')).toBe('both.get_files')
    expect(resolved('GET', '/v1/files/f1', 'default')).toBeUndefined()
  })

  it('refuses a path that could mean another operation at the provider', () => {
    expect(codeOf(() => resolved('GET', '/v1/customers/cus_1%2Fsources'))).toBe('path_not_allowed')
    expect(codeOf(() => resolved('GET', '/v1/customers/../charges'))).toBe('path_not_allowed')
  })
})
