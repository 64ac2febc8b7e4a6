import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compileCatalog, type ExpressionEntry, listExpressions, renderIssues } from '../../engine/index.ts'
import { errorOut } from '../../server/log-error.ts'
import { type RunningSandbox, startSandboxes } from '../../server/sandbox/index.ts'
import { createEgressPolicy, createTransport } from '../../server/transport/index.ts'
import { ADMIN, listeningLog, openStand, type Stand } from '../http/stand.ts'
import { LOOP, ruined } from './support.ts'

const ROOT = mkdtempSync(join(tmpdir(), 'onefold-sandboxes-'))
const QUARRY = join(import.meta.dirname, '../fixtures/providers/quarry/integrations/quarry')
const RULES = join(import.meta.dirname, '../sandbox/quarry.yaml')

/** The made-up provider under another name, with its sandbox. */
function quarryFiles(name: string) {
  const own = readdirSync(join(QUARRY, 'resources')).map((file) => `resources/${file}`)
  const texts = ['integration.yaml', ...own].map((path) => [path, readFileSync(join(QUARRY, path), 'utf8')])
  return [...texts, ['sandbox/rules.yaml', readFileSync(RULES, 'utf8')]].map(([path, text = '']) => ({
    path: `integrations/${name}/${path}`,
    root: ROOT,
    text: text.replace('name: quarry', `name: ${name}`),
  }))
}

const slotsOf = (name: string): readonly ExpressionEntry[] =>
  listExpressions(quarryFiles(name)).filter(({ file }) => file.endsWith('sandbox/rules.yaml'))
const SLOTS = slotsOf('quarry').map(({ pointer }, at) => [pointer, `quarry-${at}`] as const)

const ERRORS = readFileSync(RULES, 'utf8').match(/^ {2}[a-z_]+(?=: \{ status)/gm) ?? []
const CLIENT = { full_name: 'Ada', mail: 'ada@acme.test', note: 'n' }
const ENTRY = { amount: '3.00', client_no: '1001', currency: 'EUR', wording: 'w' }

type Ask = readonly [verb: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>]

/** Calls that go through every slot between them. */
const CALLS: readonly Ask[] = [
  ...ERRORS.map((error): Ask => ['GET', '/clients', undefined, { 'sandbox-answer': error.trim() }]),
  ['GET', '/site'],
  ['GET', '/clients?archived=yes'],
  ['GET', '/clients'],
  ['POST', '/clients', CLIENT],
  ['PUT', '/clients/1001', CLIENT],
  ['GET', '/ledgers'],
  ['GET', '/ledgers/main/entries?booked_from=2025-01-01T00:00:00Z&booked_to=2027-01-01T00:00:00Z'],
  ['POST', '/ledgers/main/entries', ENTRY],
  ['POST', '/ledgers/main/entries/8/back', { amount: '1.00' }],
  ['POST', '/ledgers/main/entries/8/back', {}],
]

/** Files of an added folder with one slot of the sandbox that never ends. */
const hostile = (name: string, at: number) =>
  ruined(quarryFiles(name), slotsOf(name)[at] as ExpressionEntry, (source) => `(${LOOP}; ${source})`).files

/** A slot that is read when its sandbox is made. */
const AT_START = SLOTS.findIndex(([pointer]) => pointer.startsWith('/resources/site/'))

const log = listeningLog()
let stand: Stand
let sandboxes: readonly RunningSandbox[]
beforeAll(async () => {
  for (const { path, text } of [...quarryFiles('bolt'), ...hostile('broken', AT_START)]) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), text)
  }
  stand = await openStand({ ONEFOLD_DEFINITIONS: ROOT, ONEFOLD_SANDBOX: 'on' })
  const { catalog, issues } = compileCatalog(SLOTS.flatMap(([, name], at) => hostile(name, at)))
  if (catalog === undefined) throw new Error(renderIssues(issues))
  const transport = createTransport({ egress: createEgressPolicy({ allow: ['127.0.0.1'] }) })
  sandboxes = await startSandboxes(catalog, { clock: stand.clock, log, transport })
  for (const sandbox of sandboxes) sandbox.release()
}, 120_000)
afterAll(async () => {
  await Promise.all((sandboxes ?? []).map((sandbox) => sandbox.close()))
  await stand?.close()
  rmSync(ROOT, { recursive: true, force: true })
})

/** The account of another sandbox is answered. */
async function others(): Promise<void> {
  const path = '/proxy/clients?integrated_account_id=sandbox-bolt'
  const answer = await fetch(`${stand.url}${path}`, { headers: { authorization: `Bearer ${ADMIN}` } })
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('full_name')])
}

async function ask(origin: string, [verb, path, body, headers = {}]: Ask): Promise<void> {
  const authorization = `Basic ${Buffer.from('quarry-key:quarry-secret').toString('base64')}`
  const response = await fetch(`${origin}/api${path}`, {
    method: verb,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  await response.arrayBuffer()
}

/** Failures of the sandbox of an integration that the log was told of. */
const failuresOf = (name: string, { told }: typeof log) =>
  told
    .map(({ fields }) => errorOut(fields.err) as { code?: string; where?: string; message?: string })
    .filter(({ where }) => where?.endsWith(`integrations/${name}/sandbox`) === true)

it.each(SLOTS)(
  'in the sandbox of an added folder, an expression that never ends in %s ends with a code and its place',
  async (_pointer, name) => {
    const sandbox = sandboxes.find(({ integration }) => integration === name)
    const meanwhile = others()
    for (const call of CALLS) {
      if (failuresOf(name, log).length > 0) break
      await ask(sandbox?.origin ?? '', call)
    }
    await meanwhile
    expect(failuresOf(name, log)[0]).toMatchObject({
      code: 'expression_limit',
      message: expect.stringContaining('$pad'),
    })
    // the provider of the others takes so many calls a minute
    await stand.clock.advance(60_000)
  },
)

it('one that fails as it is made is left out of a start, and the log says why', () => {
  expect(failuresOf('broken', stand.log)[0]).toMatchObject({ code: 'expression_limit' })
})
