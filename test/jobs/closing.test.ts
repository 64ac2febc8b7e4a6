import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { readSettings } from '../../server/config.ts'
import { startServer } from '../../server/server.ts'
import { openStores } from '../../server/stores/index.ts'
import { ADMIN, DEFINITIONS, listeningLog } from '../http/stand.ts'
import { newKey, onBothDatabases, tempFolder } from '../stores/backends.ts'
import { ROOT } from '../support/house.ts'
import { gate } from './desk.ts'

onBothDatabases((backend) => {
  it('a server that closes while a job runs waits for it, and stores its end', async () => {
    const { databaseUrl } = await backend.place()
    const folder = tempFolder()
    symlinkSync(join(ROOT, 'unified-models'), join(folder, 'unified-models'))
    const [dataDir, masterKey] = [join(folder, 'data'), newKey()]
    const env = {
      ...{ PORT: '0', PASSTHROUGH_PORT: '0', ONEFOLD_DATA: dataDir, ONEFOLD_MASTER_KEY: masterKey },
      ...{ ONEFOLD_ADMIN_TOKEN: ADMIN, ONEFOLD_DEFINITIONS: DEFINITIONS, ONEFOLD_SANDBOX: 'off' },
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    }
    const server = await startServer(readSettings(env, folder), listeningLog(), { home: folder })
    const { services } = server
    const [begun, ending] = [gate(), gate()]
    const run = async (): Promise<void> => {
      begun.open()
      await ending.passed
    }
    services.partingSteps.splice(0, services.partingSteps.length, { name: 'slow', run })
    const account = {
      id: 'a',
      integration: 'acme',
      tenantId: 't',
      status: 'active',
      authenticationMethod: 'key',
    } as const
    await services.stores.accounts.create('default', { ...account, credentials: new Secret({ key: 'k' }) }, Date.now())
    const headers = { authorization: `Bearer ${ADMIN}` }
    expect((await fetch(`${server.url}/integrated-account/a`, { method: 'DELETE', headers })).status).toBe(200)
    await begun.passed
    let isClosed = false
    const closing = server.close().then(() => {
      isClosed = true
    })
    await expect.poll(() => fetch(`${server.url}/healthz`).catch(() => null), { timeout: 10_000 }).toBeNull()
    expect(isClosed).toBe(false)
    ending.open()
    await closing
    const where = databaseUrl === undefined ? { dataDir } : { databaseUrl }
    const left = await openStores({ ...where, masterKeys: [masterKey], role: 'tool' })
    const { result } = await left.audit.list('default', { action: 'integrated_account.part' })
    expect(result).toMatchObject([{ outcome: 'succeeded', details: { attempts: 1, undone: [] } }])
    expect(await left.database.db.selectFrom('partings').select('id').execute()).toEqual([])
    await left.close()
  }, 60_000)
})
