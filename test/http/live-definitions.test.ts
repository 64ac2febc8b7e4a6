import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { customersPath, DEFINITIONS, openStand, type Stand } from './stand.ts'

let folder: string
let stand: Stand
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-live-'))
  cpSync(DEFINITIONS, folder, { recursive: true })
  stand = await openStand({ ONEFOLD_DEFINITIONS: folder })
  stand.upstream.addCustomers(1)
})
afterEach(async () => {
  await stand.close()
  rmSync(folder, { recursive: true, force: true })
})

const integrationFile = () => join(folder, 'integrations/acme/integration.yaml')
const edit = (file: string, from: string, to: string) => {
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(from)
  writeFileSync(file, text.replace(from, to))
}
const reload = () => stand.server.services.definitions.reloadIfChanged()
const acme = async () => (await stand.call('GET', '/integration/acme')).body

describe('definitions in an extra folder', () => {
  it('are taken over without a restart', async () => {
    const mapping = join(folder, 'integrations/acme/mappings/payment-gateway.yaml')
    edit(
      mapping,
      'name: name\n      email: email\n      created_at',
      'name: "\'Dr \' & name"\n      email: email\n      created_at',
    )
    await reload()
    const { body } = await stand.call('GET', customersPath('/cus0000'))
    expect(body.name).toBe('Dr Customer 0')
  })

  it('bring a new provider, which works at once', async () => {
    cpSync(join(folder, 'integrations/acme'), join(folder, 'integrations/bolt'), { recursive: true })
    edit(join(folder, 'integrations/bolt/integration.yaml'), 'name: acme', 'name: bolt')
    expect((await stand.call('GET', '/integration/bolt')).status).toBe(404)
    await reload()
    const body = {
      id: 'bolt-1',
      integration: 'bolt',
      tenant_id: 't',
      credentials: { key: 'ak_test_good1' },
      settings: { base_url: stand.upstream.origin },
    }
    expect((await stand.call('POST', '/integrated-account', { body })).body.status).toBe('active')
    const listed = await stand.call('GET', '/unified/payment-gateway/customers?integrated_account_id=bolt-1')
    expect(listed.body.result[0]).toMatchObject({ provider: 'bolt', id: 'cus0000' })
  })

  it('stay as they were when a new version has errors, which the log shows with file and line', async () => {
    edit(integrationFile(), 'label: Acme Pay', 'label: Acme Two\ncolour: red')
    await reload()
    expect((await acme()).label).toBe('Acme Pay')
    const told = stand.log.told.findLast(({ level }) => level === 'error')
    expect(told?.message).toMatch(/integration\.yaml:\d+:\d+ error unknown_key/)
    expect(told?.message).toMatch(
      /^the definitions have 1 error, the first at \S+integration\.yaml:\d+:1; the last good/,
    )
    const state = (await stand.call('GET', '/definitions')).body
    expect(state.refused.reason).toMatch(/^1 error, the first at /)
    expect(state.refused.issues.filter(({ severity }: { severity: string }) => severity === 'error')).toMatchObject([
      { code: 'unknown_key', column: 1, hint: expect.any(String) as string },
    ])
    const page = async () => (await stand.call('GET', '/openapi.json')).body.info.description as string
    expect(await page()).toMatch(/^\*\*The definitions that were saved last have errors/)
    edit(integrationFile(), '\ncolour: red', '')
    await reload()
    expect((await acme()).label).toBe('Acme Two')
    expect((await stand.call('GET', '/definitions')).body).toMatchObject({ refused: null, pending_approvals: [] })
    expect(await page()).not.toContain('have errors')
  })

  it('stay as they were when a file cannot be read at all', async () => {
    symlinkSync('/etc/hostname', join(folder, 'integrations/acme/resources/host.yaml'))
    await reload()
    const state = (await stand.call('GET', '/definitions')).body
    expect(state.refused).toMatchObject({ reason: expect.stringContaining('is a symbolic link') as string, issues: [] })
    expect((await acme()).label).toBe('Acme Pay')
    rmSync(join(folder, 'integrations/acme/resources/host.yaml'))
    await reload()
    expect((await stand.call('GET', '/definitions')).body.refused).toBeNull()
  })

  it('are read again only when a file changed', async () => {
    const before = stand.server.services.engine.catalog()
    await reload()
    expect(stand.server.services.engine.catalog()).toBe(before)
  })

  it('that move the host of connected accounts wait for the bootstrap token', async () => {
    edit(integrationFile(), 'https://api.acme.test/v1', 'https://evil.test/v1')
    await reload()
    const waiting = await acme()
    expect(waiting.pending_approval).toMatchObject({ integration: 'acme', serving: 'former' })
    const served = stand.server.services.engine.catalog().integrations.get('acme')
    expect(served?.hosts.get('default')?.url.source).toBe('https://api.acme.test/v1')
    const { body: admin } = await stand.call('POST', '/api-token', { body: { role: 'admin' } })
    expect((await stand.call('POST', '/integration/acme/approve', { token: admin.token })).body.code).toBe('forbidden')
    const approved = await stand.call('POST', '/integration/acme/approve')
    expect(approved.body.pending_approval).toBeNull()
    const now = stand.server.services.engine.catalog().integrations.get('acme')
    expect(now?.hosts.get('default')?.url.source).toBe('https://evil.test/v1')
    expect((await stand.call('POST', '/integration/acme/approve')).body.code).toBe('not_found')
  })

  it('that take the place of a built-in one wait too, whether it has accounts or not', async () => {
    const other = mkdtempSync(join(tmpdir(), 'onefold-shadow-'))
    const home = mkdtempSync(join(tmpdir(), 'onefold-home-'))
    try {
      const { LiveDefinitions } = await import('../../server/live-definitions.ts')
      const { loadDefinitions } = await import('../../server/load-definitions.ts')
      const { createApprovals } = await import('../../server/approvals.ts')
      cpSync(DEFINITIONS, home, { recursive: true })
      cpSync('unified-models', join(home, 'unified-models'), { recursive: true })
      cpSync(join(folder, 'integrations/acme'), join(other, 'integrations/acme'), { recursive: true })
      edit(join(other, 'integrations/acme/integration.yaml'), 'label: Acme Pay', 'label: Not Acme')
      const { stores, log } = stand.server.services
      await stores.accounts.delete('default', 'acme-1', { now: 0 })
      const approvals = createApprovals(stores, () => stand.clock.now())
      const open = () =>
        LiveDefinitions.open({
          load: (extra) => loadDefinitions(extra, home),
          folders: [other],
          approvals,
          log,
          now: () => stand.clock.now(),
        })
      const live = await open()
      expect(live.catalog.integrations.get('acme')).toMatchObject({ label: 'Acme Pay', isExtra: false })
      expect(live.pending.get('acme')).toMatchObject({ serving: 'built_in' })
      await live.approve('acme', 'test')
      expect(live.catalog.integrations.get('acme')).toMatchObject({ label: 'Not Acme', isExtra: true })
      expect((await open()).pending.size).toBe(0)
    } finally {
      for (const made of [other, home]) rmSync(made, { recursive: true, force: true })
    }
  })
})
