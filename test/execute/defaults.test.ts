import { expect, it } from 'vitest'
import { verifyAccount } from '../../engine/execute/connect.ts'
import { proxy } from '../../engine/execute/proxy.ts'
import { accountAt, callOptions, type Definition, onClock } from '../support/calls.ts'
import { useDesk } from './desk.ts'

const described = { description: 'Does it.' } as const
const flag = { in: 'body', type: 'boolean', description: 'Test data.' } as const
const place = { in: 'query', description: 'A place.' } as const
const fields = () => ({ key: { label: 'Key', secret: true } })

const DEFINITION: Definition = {
  auth: {
    methods: {
      key: { type: 'bearer', label: 'Key', fields: fields(), token: '$credentials.key' },
      token: {
        type: 'bearer',
        label: 'Token',
        fields: fields(),
        token: '$credentials.key',
        verify: 'pays.us',
        identity: 'team',
      },
      bare: { type: 'bearer', label: 'Bare', fields: fields(), token: '$credentials.key', verify: 'pays.us' },
    },
    verify: 'pays.me',
    identity: 'id',
  },
  settings: { place: { label: 'Place', required: false }, data: { label: 'Data', required: false } },
  request: { defaults: { place: '$connection.place', 'only.test': "$connection.data = 'test' ? true" } },
  resources: {
    pays: {
      methods: {
        list: {
          ...described,
          verb: 'GET',
          effect: 'read',
          path: '/pays',
          list: true,
          complete: true,
          parameters: { place },
        },
        get: { ...described, verb: 'GET', effect: 'read', path: '/pays/{{ $path.id }}' },
        me: { ...described, verb: 'GET', effect: 'read', path: '/me' },
        us: { ...described, verb: 'GET', effect: 'read', path: '/us' },
        create: {
          ...described,
          verb: 'POST',
          effect: 'write',
          path: '/pays',
          parameters: { 'only.test': flag, note: { in: 'body', description: 'A note.' } },
        },
      },
    },
  },
  pagination: { strategy: 'none' },
  response: { records: 'data' },
}

const at = useDesk(DEFINITION)

async function call(method: string, extra: object, connection: Record<string, string>) {
  at.upstream.script = () => ({ body: { id: 'p1', data: [] } })
  const account = accountAt(at.desk.account.baseUrl ?? '', { connection })
  await onClock(
    at.desk,
    proxy(at.desk.context, account, { resource: 'pays', method, query: {}, ...extra }, callOptions()),
  )
  const { query, body } = at.upstream.received.at(-1)!
  return { query, body: body === '' ? undefined : JSON.parse(body) }
}

it('a parameter that an operation declares has the value of the definition where a call names none', async () => {
  const oslo = { place: 'oslo', data: 'test' }
  expect((await call('list', {}, oslo)).query).toEqual({ place: 'oslo' })
  expect((await call('list', { query: { place: 'rome' } }, oslo)).query).toEqual({ place: 'rome' })
  expect((await call('list', {}, {})).query).toEqual({})
  expect((await call('get', { id: 'p1' }, oslo)).query).toEqual({})
  expect((await call('create', { body: { note: 'x' } }, oslo)).body).toEqual({ note: 'x', only: { test: true } })
  expect((await call('create', { body: { only: { test: false } } }, oslo)).body).toEqual({ only: { test: false } })
  expect((await call('create', { body: { note: 'x' } }, { data: 'live' })).body).toEqual({ note: 'x' })
})

it('an auth method may be proven by an operation of its own', async () => {
  at.upstream.script = ({ path }) => ({ body: path === '/v1/us' ? { team: 't_1', id: 'no' } : { id: 'm_1' } })
  const found = async (authMethod: string) => {
    const account = accountAt(at.desk.account.baseUrl ?? '', { authMethod })
    const { identity, unnamed } = await onClock(at.desk, verifyAccount(at.desk.context, account, callOptions()))
    return [identity, unnamed]
  }
  expect([await found('key'), await found('token')]).toEqual([
    ['m_1', null],
    ['t_1', null],
  ])
  expect(await found('bare')).toEqual([null, null])
  at.upstream.script = () => ({ body: { name: 'nobody' } })
  expect(await found('token')).toEqual([null, '`team` finds no identity in the answer to pays.us'])
})
