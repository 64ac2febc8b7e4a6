import { expect, it } from 'vitest'
import { KEY, live, openDesk, SECRET } from './desk.ts'

const ADA = { client_no: 9, full_name: 'Ada King', mail: 'ada@example.com', note: KEY, since: '2026-03-02T10:00:00Z' }
const answer = ({ path }: { path: string }) =>
  path.endsWith('/404')
    ? { status: 400, body: { errors: [{ code: 'NO_SUCH', text: `No such client for ${SECRET}` }] } }
    : { body: { client: ADA } }

it('shows request, answer, and where each field comes from, without any secret', async () => {
  const desk = await openDesk(answer)
  const { code, stdout, stderr } = await desk.run(
    'try',
    'quarry',
    'payment-gateway/customers',
    'get',
    '--id',
    '9',
    ...live(desk),
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(desk.upstream.received[0]?.headers.authorization).toBe(`Basic ${btoa(`${KEY}:${SECRET}`)}`)
  expect(stdout).toContain(`GET ${desk.upstream.url}/api/clients/9`)
  expect(stdout).toContain('authorization: [secret]')
  expect(stdout).toMatch(/-> 200 in \d+ ms, application\/json/)
  expect(stdout).toMatch(/ {2}name +"Ada King" +<- full_name {2}\(path, .*payment-gateway\.yaml:\d+:\d+\)/)
  expect(stdout).toMatch(/ {2}phone +null .*absent: The provider keeps no phone number\./)
  for (const secret of [KEY, SECRET]) expect(stdout).not.toContain(secret)
})

it('tells a failure with its code, what the provider said, and ends with 1', async () => {
  const desk = await openDesk(answer)
  const { code, stdout } = await desk.run(
    'try',
    'quarry',
    'payment-gateway',
    'customers',
    'get',
    '--id',
    '404',
    ...live(desk),
  )
  expect(code).toBe(1)
  expect(stdout).toContain('record_not_found: ')
  expect(stdout).toContain('NO_SUCH')
  expect(stdout).not.toContain(SECRET)
})

it('sends no write that nobody agreed to, and shows it in a dry run', async () => {
  const desk = await openDesk(answer)
  const write = ['try', 'quarry', 'payment-gateway', 'customers', 'create', '--body', '{"name":"Ada"}', ...live(desk)]
  const kept = await desk.run(...write)
  expect(kept.code).toBe(1)
  expect(kept.stdout).toContain("approval_required: clients.create has the effect 'write' and was not sent")
  const dry = await desk.run(...write, '--dry-run', '--json')
  expect(JSON.parse(dry.stdout)).toMatchObject({
    dry_run: true,
    exchanges: [{ request: { verb: 'POST', body: { client: { full_name: 'Ada' } } }, error: 'canceled' }],
  })
  expect(desk.upstream.received).toEqual([])
  expect((await desk.run(...write, '--yes')).code).toBe(0)
  expect(desk.upstream.received.map(({ verb }) => verb)).toEqual(['POST'])
})

it('calls native methods, and names what there is instead of what there is not', async () => {
  const desk = await openDesk(answer)
  const native = await desk.run('try', 'quarry', 'clients', 'get', '--id', '9', '--json', ...live(desk))
  expect(JSON.parse(native.stdout)).toMatchObject({ result: { full_name: 'Ada King' } })
  const wrong = await desk.run('try', 'quarry', 'clients', 'fetch', ...live(desk))
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('There is list, get, create, update.') })
})

it('warns of a secret on the command line, and says where to put what is missing', async () => {
  const desk = await openDesk(answer)
  const call = ['try', 'quarry', 'clients', 'get', '--id', '9', '--base-url', desk.upstream.url]
  const lacking = await desk.run(...call)
  expect(lacking).toMatchObject({ code: 1, stderr: expect.stringContaining('No site, key, secret of Quarry Pay') })
  const fields = ['--field', `key=${KEY}`, '--field', 'secret=s', '--field', 'site=north']
  const { code, stderr } = await desk.run(...call, ...fields)
  expect(code).toBe(0)
  expect(stderr).toContain('key is a secret')
  expect(stderr).not.toContain(KEY)
})
