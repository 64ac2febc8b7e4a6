import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from '../support/house.ts'
import { MAIN, plainEnvironment, serve } from '../support/served.ts'
import { onefold } from './support.ts'

const HARBOR = join(ROOT, 'test/fixtures/openapi/harbor.yaml')

let desk: string
beforeEach(() => {
  desk = mkdtempSync(join(tmpdir(), 'onefold-kit-'))
})
afterEach(() => rmSync(desk, { recursive: true, force: true }))

const at = (...path: string[]): string => join(desk, 'definitions/integrations', ...path)
const init = (...args: string[]) => onefold(desk, 'init', ...args)

describe('onefold init', () => {
  it.each(['bearer', 'basic', 'api_key', 'oauth2'])('writes a provider with %s that passes the check', async (auth) => {
    const made = await init('acme', '--base-url', 'https://api.acme.test/v1', '--auth', auth, '--json')
    expect(JSON.parse(made.stdout)).toEqual({
      name: 'acme',
      folder: 'definitions/integrations/acme',
      written: [
        'integration.yaml',
        'resources/customers.yaml',
        'mappings/payment-gateway.yaml',
        'cases/customers.yaml',
        'README.md',
      ],
      cases: 3,
    })
    const checked = await onefold(desk, 'check', 'definitions')
    expect(checked.stdout).toBe('0 errors, 0 warnings in 4 files, 1 integration, 0 models, 3 cases\n')
    for (const file of ['integration.yaml', 'resources/customers.yaml', 'cases/customers.yaml']) {
      const [, schema = ''] =
        /^# yaml-language-server: \$schema=(\S+)/.exec(readFileSync(at('acme', file), 'utf8')) ?? []
      expect(existsSync(join(at('acme', file), '..', schema)), file).toBe(true)
    }
  })

  it('maps another resource into another model', async () => {
    const args = ['--base-url', 'https://acme.test', '--resource', 'bills', '--model', 'subscription-management']
    expect((await init('acme', ...args)).stderr).toContain('--unified is missing')
    await init('acme', ...args, '--unified', 'invoices')
    expect(parse(readFileSync(at('acme/mappings/subscription-management.yaml'), 'utf8'))).toMatchObject({
      resources: { invoices: { list: { from: 'bills.list' } } },
    })
  })

  it('never overwrites, and says which flag is wrong', async () => {
    mkdirSync(at('acme'), { recursive: true })
    writeFileSync(at('acme/notes.txt'), 'mine')
    const taken = await init('acme', '--base-url', 'https://acme.test')
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining('holds files already')])
    expect(readdirSync(at('acme'))).toEqual(['notes.txt'])
    const wrong = [
      [['Acme'], 'no name of an integration'],
      [['stripe'], 'brings an integration stripe along'],
      [['bolt'], '--base-url is missing'],
      [['bolt', '--base-url', 'acme.test'], 'no http or https URL'],
      [['bolt', '--base-url', 'https://acme.test', '--model', 'crm'], "'crm' is not there"],
      [['bolt', '--base-url', 'https://acme.test', '--resource', 'A b'], 'no name'],
    ] as const
    for (const [args, message] of wrong) {
      const { code, stderr } = await init(...args)
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    }
    expect(existsSync(at('bolt'))).toBe(false)
  })
})

describe('onefold import openapi', () => {
  const take = (...args: string[]) => onefold(desk, 'import', 'openapi', HARBOR, '--name', 'harbor', ...args)

  it('writes a definition that passes the check, and reports what it left out', async () => {
    const { code, stdout } = await take('--json')
    const report = JSON.parse(stdout) as {
      written: string[]
      left_out: object[]
      operations: object[]
      issues: object[]
    }
    expect(code).toBe(0)
    expect(report.issues).toEqual([])
    expect([report.operations.length, report.left_out.length, report.written.length]).toEqual([14, 7, 8])
    expect((await onefold(desk, 'check', 'definitions')).stdout).toMatch(/^0 errors, 0 warnings in 7 files/)
    const readme = readFileSync(at('harbor/README.md'), 'utf8')
    for (const what of ['certificate', 'POST /feeds', 'webhook ship.arrived']) expect(readme).toContain(what)
    // Held against the document that it came from, it has nothing to say.
    const compared = await onefold(desk, 'check', 'definitions/integrations/harbor', '--openapi', HARBOR)
    expect([compared.code, compared.stdout]).toEqual([0, expect.stringMatching(/^0 errors, 0 warnings/)])
  })

  it('adds to a folder what it lacks, and keeps every word that is there', async () => {
    await take('--tag', 'People')
    const file = at('harbor/resources/customers.yaml')
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace('  delete:', '  # gone for good\n  remove:')
        .replace('  search:\n', '  find:\n    list: true\n'),
    )
    const before = readFileSync(file, 'utf8')
    const refused = await take()
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--merge')])
    const wanted = ['--merge', '--json', '--tag', 'People', 'Money']
    const merged = JSON.parse((await take(...wanted)).stdout) as { added: string[]; kept: string[]; issues: object[] }
    expect(merged.issues).toEqual([])
    expect(merged.kept).toContain('customers.remove')
    expect(merged.kept).toContain('customers.find')
    expect(merged.added).toContain('payments.capture')
    expect(merged.added.filter((id) => id.startsWith('customers.'))).toEqual([])
    expect(readFileSync(file, 'utf8')).toBe(before)
    const again = JSON.parse((await take(...wanted)).stdout) as { written: string[]; added: string[] }
    expect([again.written, again.added]).toEqual([[], []])
    // What the folder would need besides is told by the check, not put in.
    const rest = await take('--merge', '--json')
    const { issues } = JSON.parse(rest.stdout) as { issues: { code: string }[] }
    expect([rest.code, issues.map(({ code }) => code)]).toEqual([1, ['unknown_host']])
  })

  it('writes nothing when it is only asked, and says what is wrong with a file', async () => {
    expect((await take('--dry-run')).stdout).toContain('Would write')
    expect(existsSync(at('harbor'))).toBe(false)
    writeFileSync(join(desk, 'old.json'), '{ "swagger": "2.0", "paths": {} }')
    writeFileSync(join(desk, 'bad.yaml'), 'a: [1\n')
    for (const [file, message] of [
      ['old.json', 'of version 2.0'],
      ['bad.yaml', 'neither JSON nor YAML'],
      ['none.yaml', 'cannot be read'],
    ] as const) {
      const { code, stderr } = await onefold(desk, 'import', 'openapi', file)
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    }
    expect((await take('--tag', 'None')).stderr).toContain('There are the tags People, Money, Feed')
  })
})

interface Report {
  readonly findings: readonly { name: string; status: string; message: string; repair?: string }[]
  readonly counts: { readonly fail: number }
}

/** Runs the doctor with settings. */
function doctor(settings: Readonly<Record<string, string>>): Promise<{ code: number; report: Report }> {
  const env = plainEnvironment({ PORT: '0', PASSTHROUGH_PORT: '', ONEFOLD_DATA: join(desk, 'data'), ...settings })
  const child = spawn(process.execPath, [MAIN, 'doctor', '--json', '--offline'], { cwd: desk, env })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code: code ?? -1, report: JSON.parse(output) as Report })),
  )
}

describe('onefold doctor', () => {
  it('finds nothing to repair in a new installation, and changes nothing', async () => {
    const { code, report } = await doctor({})
    expect(report.findings.filter(({ status }) => status === 'fail')).toEqual([])
    expect(code).toBe(0)
    expect(existsSync(join(desk, 'data'))).toBe(false)
    for (const { status, repair } of report.findings) expect(status === 'ok' || repair !== '').toBe(true)
  })

  it('says what is wrong and how to repair it', async () => {
    const server = await serve(desk, { ONEFOLD_DATA: join(desk, 'data') })
    await server.stop()
    chmodSync(join(desk, 'data/master-key'), 0o644)
    mkdirSync(join(desk, 'definitions/integrations/acme'), { recursive: true })
    writeFileSync(at('acme/integration.yaml'), 'onefold: 2\n')
    const busy = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => busy.once('listening', resolve))
    const { port } = busy.address() as { port: number }
    const { code, report } = await doctor({
      PORT: String(port),
      ONEFOLD_DEFINITIONS: `${join(desk, 'definitions')},${join(desk, 'none')}`,
      ONEFOLD_COLOUR: 'red',
    })
    busy.close()
    const told = (name: string) => report.findings.filter((each) => each.name === name)
    expect(told('database')).toMatchObject([{ status: 'ok' }])
    expect(told('key and data files')).toMatchObject([
      { status: 'fail', repair: expect.stringContaining('chmod 600') as string },
    ])
    expect(told('port')).toContainEqual(
      expect.objectContaining({ status: 'fail', message: expect.stringContaining('something else') as string }),
    )
    expect(told('definitions').map(({ status }) => status)).toEqual(['fail', 'fail'])
    expect(told('settings')[0]).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('ONEFOLD_COLOUR') as string,
    })
    expect([code, report.counts.fail]).toEqual([1, 4])
  })

  it('tells settings that cannot be read', async () => {
    const { code, report } = await doctor({ PORT: 'four', LOG_LEVEL: 'loud' })
    expect(report.findings.at(-1)).toMatchObject({ name: 'settings', status: 'fail' })
    expect(report.findings.at(-1)?.message).toContain('LOG_LEVEL')
    expect(code).toBe(1)
  })
})
