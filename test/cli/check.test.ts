import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { check } from '../../server/cli/check.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { ROOT } from '../support/house.ts'
import { onefold } from './support.ts'

const QUARRY = join(ROOT, 'test/fixtures/providers/quarry')

let desk: string
beforeAll(() => {
  desk = mkdtempSync(join(tmpdir(), 'onefold-check-'))
  cpSync(QUARRY, join(desk, 'good'), { recursive: true })
  cpSync(QUARRY, join(desk, 'bad'), { recursive: true })
  writeFileSync(
    join(desk, 'bad/integrations/quarry/resources/site.yaml'),
    'name: site\ndescription: x\nmethods: {}\nverbs: []\n',
  )
  mkdirSync(join(desk, 'loose'))
  cpSync(join(QUARRY, 'integrations/quarry'), join(desk, 'loose/quarry'), { recursive: true })
  mkdirSync(join(desk, 'empty'))
})
afterAll(() => rmSync(desk, { recursive: true, force: true }))

describe('onefold check', () => {
  it('says nothing but a summary about good definitions, and runs their cases', async () => {
    const { code, stdout, stderr } = await onefold(desk, 'check', 'good')
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '0 errors, 0 warnings in 8 files, 1 integration, 0 models, 8 cases\n',
      stderr: '',
    })
  })

  it('prints every issue with its frame and hint, and exits with 1', async () => {
    const { code, stdout } = await onefold(desk, 'check', 'bad')
    expect(code).toBe(1)
    expect(stdout).toContain('bad/integrations/quarry/resources/site.yaml:4:1 error unknown_key: unknown key `verbs`')
    expect(stdout).toContain('> 4 | verbs: []\n    | ^^^^^')
    expect(stdout).toMatch(/hint: .*`methods`/)
    expect(stdout).toMatch(/error unknown_operation: unknown operation `site\.get`/)
    expect(stdout).toMatch(/\d+ errors, 0 warnings in 8 files, 1 integration, 0 models, 0 cases\n$/)
  })

  it('says where the rules of a sandbox do not hold together, and what no case shows', async () => {
    const own = join(desk, 'sandbox/integrations/quarry')
    cpSync(join(QUARRY, 'integrations/quarry'), own, { recursive: true })
    cpSync(join(ROOT, 'test/sandbox/quarry.yaml'), join(own, 'sandbox/quarry.yaml'))
    expect((await onefold(desk, 'check', 'sandbox')).code).toBe(0)
    writeFileSync(
      join(own, 'sandbox/more.yaml'),
      'resources:\n  odd:\n    record: {}\n    methods:\n      polish: {}\n',
    )
    rmSync(join(own, 'cases/payments.yaml'))
    const { code, stdout } = await onefold(desk, 'check', 'sandbox')
    expect(code).toBe(1)
    expect(stdout).toContain(
      'sandbox/integrations/quarry/sandbox/more.yaml:5:7 error invalid_value: The sandbox rules have',
    )
    expect(stdout).toMatch(/mappings\/payment-gateway\.yaml:\d+:3 warning no_case: no case shows `payments`/)
  })

  it('prints JSON for machines', async () => {
    const { code, stdout } = await onefold(desk, 'check', 'bad', '--json')
    expect(code).toBe(1)
    const report = JSON.parse(stdout) as { issues: { code: string; file: string; line: number; column: number }[] }
    expect(report.issues).toContainEqual(
      expect.objectContaining({
        code: 'unknown_key',
        file: 'bad/integrations/quarry/resources/site.yaml',
        line: 4,
        column: 1,
      }),
    )
    expect(report).toMatchObject({ files: 8, integrations: 1, models: 0, cases: 0 })
  })

  it.each([
    ['the folder of integrations', 'good/integrations'],
    ['the folder of one integration', 'good/integrations/quarry'],
    ['the same with a slash', 'good/integrations/quarry/'],
  ])('takes %s', async (_name, path) => {
    const { code, stdout } = await onefold(desk, 'check', path)
    expect([code, stdout]).toEqual([0, '0 errors, 0 warnings in 8 files, 1 integration, 0 models, 8 cases\n'])
  })

  it.each([
    ['that does not exist', 'nowhere', /nowhere does not exist\. Give a folder/],
    ['that is a file', 'good/integrations/quarry/integration.yaml', /is a file\. Give the folder/],
    ['without definitions', 'empty', /empty holds no definitions\. Give a folder that holds integrations\//],
    ['of an integration in no folder of integrations', 'loose/quarry', /outside of a folder called integrations\//],
  ])('exits with 2 on a path %s and says what to give', async (_name, path, message) => {
    const { code, stdout, stderr } = await onefold(desk, 'check', path)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(message)
  })

  it('finds no error in what Onefold brings along', { timeout: 180_000 }, async () => {
    const report = await check([])
    expect(report.issues.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(report.models).toBeGreaterThanOrEqual(2)
  })
})

describe('reading definitions', () => {
  it('takes YAML files with their paths, and nothing of a folder that is missing', async () => {
    const files = await readDefinitions([{ path: QUARRY, root: 'q' }, { path: join(desk, 'nowhere') }])
    expect(files.map(({ path }) => path)).toContain('integrations/quarry/mappings/payment-gateway.yaml')
    expect(files.every(({ root }) => root === 'q')).toBe(true)
  })

  it.each([
    ['a file', 'integration.yaml', '/etc/hostname'],
    ['a folder', 'cases', tmpdir()],
  ])('refuses %s that is a symbolic link', async (_name, name, target) => {
    const folder = mkdtempSync(join(desk, 'link-'))
    mkdirSync(join(folder, 'integrations/acme'), { recursive: true })
    symlinkSync(target, join(folder, 'integrations/acme', name))
    await expect(readDefinitions([{ path: folder }])).rejects.toMatchObject({
      code: 'definition_invalid',
      message: expect.stringContaining('symbolic link') as string,
    })
  })

  it('refuses a file of more than 1 MB', async () => {
    const folder = mkdtempSync(join(desk, 'large-'))
    mkdirSync(join(folder, 'integrations/acme'), { recursive: true })
    writeFileSync(join(folder, 'integrations/acme/integration.yaml'), '#'.repeat(1_048_577))
    await expect(readDefinitions([{ path: folder }])).rejects.toMatchObject({ code: 'definition_invalid' })
  })
})
