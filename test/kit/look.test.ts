import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { onefold } from '../cli/support.ts'
import { HAS_BROWSER, inspect, LOOKS, openBrowser, openContext } from '../link/browser.ts'
import { openDesk } from './desk.ts'

const silent = () => ({})
const MAPPING = 'mappings/payment-gateway.yaml'

it('coverage tells what is mapped, shown by no case, absent and why, and not mapped', async () => {
  const desk = await openDesk(silent)
  const { code, stdout } = await desk.run('coverage', 'quarry', '--json', '--strict')
  expect(code).toBe(1)
  const customers = JSON.parse(stdout).resources.find(({ resource }: { resource: string }) => resource === 'customers')
  const state = (path: string) => customers.fields.find((one: { path: string }) => one.path === path)
  expect(state('name')).toEqual({ path: 'name', state: 'reached' })
  expect(state('phone')).toEqual({ path: 'phone', state: 'absent', reason: 'The provider keeps no phone number.' })
  expect(state('metadata')).toEqual({ path: 'metadata', state: 'not_mapped' })
  desk.change(MAPPING, '      is_deleted: archived\n', '      is_deleted: archived\n      locale: language\n')
  const table = await desk.run('coverage', 'quarry', '--fields')
  expect(table.stdout).toContain('quarry customers.locale: unreached\n')
  expect(table.stdout).toMatch(/quarry {4}payment-gateway\/customers +3 +7 +1 +1 /)
})

/** The page of a desk, as it is written. */
async function coveragePage(): Promise<string> {
  const desk = await openDesk(silent)
  await desk.run('coverage', 'quarry', '--as', 'html', '--out', 'coverage.html')
  return readFileSync(join(desk.folder, 'coverage.html'), 'utf8')
}

it('coverage as a page needs nothing from elsewhere', async () => {
  const html = await coveragePage()
  expect(html).not.toMatch(/(src|href)=|<script|https?:/)
  expect(html).toContain('The provider keeps no phone number.')
})

it.skipIf(!HAS_BROWSER)(
  'coverage as a page is accessible, light and dark, wide and narrow',
  async () => {
    const html = (await coveragePage()).replaceAll('<details>', '<details open>')
    const browser = await openBrowser()
    try {
      for (const look of LOOKS) {
        const { context, errors } = await openContext(browser, [], look)
        const page = await context.newPage()
        await page.setContent(html)
        expect([...(await inspect(page, `coverage-${look.scheme}-${look.width}`)), ...errors]).toEqual([])
      }
    } finally {
      await browser.close()
    }
  },
  60_000,
)

it('diff tells which fields change and how often, and hides personal values', async () => {
  const desk = await openDesk(silent)
  cpSync(join(desk.folder, 'defs'), join(desk.folder, 'after'), { recursive: true })
  const file = join(desk.folder, 'after/integrations/quarry', MAPPING)
  const changed = (text: string) => text.replace('      description: note\n', '      description: full_name\n')
  writeFileSync(file, changed(readFileSync(file, 'utf8')).replace('    email: mail\n', '    email: $uppercase(mail)\n'))
  const diff = async (...args: string[]) => {
    const { code, stdout } = await onefold(desk.folder, 'diff', ...args)
    return { code, stdout }
  }
  expect((await diff('defs', 'defs', 'quarry')).stdout).toMatch(/^No field of \d+ records changes\n$/)
  const { code, stdout } = await diff('defs', 'after', 'quarry', '--json')
  expect(code).toBe(1)
  const { resources, others } = JSON.parse(stdout)
  expect(others).toEqual([])
  const customers = resources.find(({ resource }: { resource: string }) => resource === 'payment-gateway/customers')
  expect(customers.fields.map(({ field, count }: { field: string; count: number }) => [field, count])).toEqual([
    ['description', 4],
  ])
  expect(JSON.stringify(resources)).not.toContain('ADA@EXAMPLE.COM')
  expect((await diff('defs', 'after', 'quarry', '--show-personal')).stdout).toContain('ADA@EXAMPLE.COM')
})

it('diff asks a live account once and maps the answer with both', async () => {
  const client = {
    client_no: 9,
    full_name: 'Ada King',
    mail: 'ada@example.com',
    note: 'Pays late',
    since: '2026-03-02T10:00:00Z',
  }
  const desk = await openDesk(() => ({ body: { client } }))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: join(desk.folder, 'defs') })
  git('init', '-q')
  git('add', '.')
  git('commit', '-qm', 'before')
  desk.change(MAPPING, '      description: note\n', '      description: $uppercase(note)\n')
  const target = ['quarry', 'payment-gateway', 'customers', 'get', '--id', '9']
  const options = ['--base-url', desk.upstream.url, '--credentials', '../fields.yaml']
  const { code, stdout, stderr } = await onefold(
    join(desk.folder, 'defs'),
    'diff',
    'git:HEAD',
    '.',
    ...target,
    ...options,
  )
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(stdout).toContain('description  differs in 1 of 1 records')
  expect(stdout).toContain('-> "PAYS LATE"')
  expect(desk.upstream.received).toHaveLength(1)
})

it('expr tells value and backend, and the keys that are there where a path leads nowhere', async () => {
  const desk = await openDesk(silent)
  const over = ['--integration', 'quarry', '--case', 'page by page']
  const expr = (...args: string[]) => desk.run('expr', ...args)
  expect(await expr('rows[1].full_name', ...over)).toMatchObject({ code: 0, stdout: '"Bo Lind"\n' })
  const json = await expr('$uppercase(full_name) & $who', ...over, '--at', 'rows.0', '--var', 'who="!"', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({ value: 'ADA KING!', backend: 'compiled', paths: ['full_name'] })
  const missing = await expr('rows.mial', ...over)
  expect(missing.stdout).toBe('no value\n')
  expect(missing.stderr).toContain('`rows.mial` is missing: `rows` has client_no, full_name, mail')
  const failing = await expr('$money(full_name, mail)', ...over, '--at', 'rows.0')
  expect(failing).toMatchObject({ code: 1, stderr: expect.stringContaining('expression_failed') })
  expect(await expr('a +', '--in', 'fields.yaml')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not JSON'),
  })
  expect(await expr('x', ...over, '--case', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("'One client'"),
  })
})
