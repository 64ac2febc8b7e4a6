import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { readSettings } from '../../server/config.ts'
import { startServer } from '../../server/server.ts'
import { ADMIN, listeningLog } from './stand.ts'

it('a start with a new master key in front makes the old one needless', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-keys-'))
  const [old, fresh] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
  const start = (keys: string) =>
    startServer(
      readSettings(
        {
          PORT: '0',
          PASSTHROUGH_PORT: '0',
          ONEFOLD_DATA: folder,
          ONEFOLD_ADMIN_TOKEN: ADMIN,
          ONEFOLD_SANDBOX: 'off',
          ONEFOLD_MASTER_KEY: keys,
        },
        folder,
      ),
      listeningLog(),
    )
  const first = await start(old)
  const account = { id: 'one', integration: 'stripe', tenantId: 't', authenticationMethod: 'secret_key' }
  const { accounts } = first.services.stores
  await accounts.create('default', { ...account, status: 'active', credentials: new Secret({ secret_key: 'k' }) }, 1)
  await first.close()
  await (await start(`${fresh},${old}`)).close()
  const last = await start(fresh)
  expect((await last.services.stores.accounts.load('default', 'one')).reveal()).toEqual({ secret_key: 'k' })
  await last.close()
  await expect(start(old)).rejects.toMatchObject({ code: 'key_missing' })
  rmSync(folder, { recursive: true })
})
