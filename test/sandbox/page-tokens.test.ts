import { afterEach, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { quarryWith } from './machine-quarry.ts'
import { start } from './support.ts'

let sandbox: RunningSandbox | undefined
afterEach(async () => {
  await sandbox?.close()
  sandbox = undefined
})

interface Page {
  readonly rows: readonly { readonly client_no: number }[]
  readonly next?: string
}

const answered = async (verb: string, path: string, body?: object): Promise<Response> =>
  await fetch(`${sandbox?.origin}/api${path}`, {
    method: verb,
    headers: {
      authorization: `Basic ${Buffer.from('quarry-key:quarry-secret').toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

it('a page token may be the id of the first record of the next page, and what has no content has no body', async () => {
  const quarry = quarryWith(
    '{}',
    (rules) =>
      rules
        .replace('answers:\n', 'answers:\n  token: next_id\n')
        .replace('page: $list.page, pages: $list.pages', 'next: $list.next')
        .replace(
          'update: { changes: [full_name, mail, note] }',
          'update: { status: 204, changes: [full_name, mail, note] }',
        ),
    (text) =>
      text.replace(
        /pagination:\n(?: {2}.*\n)+/,
        'pagination: { strategy: token, param: from, next: $response.next, limit: { param: per_page, max: 50 } }\n',
      ),
  )
  sandbox = await start(quarry, false)
  for (const name of ['Ada', 'Bo', 'Cy']) await answered('POST', '/clients', { client: { full_name: name } })
  const first = (await (await answered('GET', '/clients?per_page=2')).json()) as Page
  expect([first.rows.map(({ client_no: id }) => id), first.next]).toEqual([[1002, 1001], '1000'])
  const second = (await (await answered('GET', `/clients?per_page=2&from=${first.next}`)).json()) as Page
  expect([second.rows.map(({ client_no: id }) => id), second.next]).toEqual([[1000], undefined])
  expect((await answered('GET', '/clients?from=7')).status).toBe(404)
  const changed = await answered('PUT', '/clients/1000', { client: { full_name: 'Ada King' } })
  expect([changed.status, await changed.text(), changed.headers.get('content-type')]).toEqual([204, '', null])
})
