import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openPostgres, openSqlite } from '../../server/stores/database.ts'
import { openStores } from '../../server/stores/index.ts'
import { migrate, pendingMigrations } from '../../server/stores/migrations.ts'
import { newKey, onBothDatabases, openAt, type Place, T0, tempFolder } from './backends.ts'
import { otherProcess } from './processes.ts'
import { rawRows, rawRun } from './raw.ts'

const SILENT = { warn: () => undefined, error: () => undefined }
const masterKeys = [newKey()]

const typeOf = (dataType: string) =>
  dataType.toLowerCase().replace('(255)', '').replace('int8', 'bigint').replace('int4', 'integer')

function databaseAt(place: Place) {
  if (place.databaseUrl !== undefined) return openPostgres(place.databaseUrl, false, SILENT)
  return openSqlite(place.dataDir ?? '', false)
}

onBothDatabases((backend) => {
  describe('migrations', () => {
    it('run once, and not again at the next start', async () => {
      const place = await backend.place()
      const applied = () => rawRows(place, 'select name, timestamp from onefold_migration order by name')
      await (await openAt(place, { masterKeys })).close()
      const first = await applied()
      expect(first.length).toBeGreaterThan(0)
      await (await openAt(place, { masterKeys })).close()
      expect(await applied()).toEqual(first)
    })

    it('make the same tables and columns on both databases', async () => {
      const database = await databaseAt(await backend.place())
      await migrate(database.db)
      const tables = await database.db.introspection.getTables()
      // On Postgres jobs live in the tables of a library.
      expect(tables.some(({ name }) => name === 'jobs')).toBe(backend.name === 'sqlite')
      const columns = tables
        .filter(({ name }) => name !== 'jobs')
        .flatMap((table) =>
          table.columns.map(
            (column) => `${table.name}.${column.name}: ${typeOf(column.dataType)}${column.isNullable ? ', null' : ''}`,
          ),
        )
      await database.close()
      await expect(`${columns.sort().join('\n')}\n`).toMatchFileSnapshot('schema.txt')
    })

    it('leave nothing behind when one of them fails', async () => {
      const place = await backend.place()
      await rawRun(place, 'create table audit_log (id text)')
      const database = await databaseAt(place)
      await expect(migrate(database.db)).rejects.toMatchObject({ code: 'store_failed' })
      const tables = (await database.db.introspection.getTables()).map((table) => table.name)
      expect(tables).toContain('audit_log')
      expect(tables).not.toContain('environments')
      expect((await pendingMigrations(database.db)).length).toBeGreaterThan(3)
      await database.close()
    })

    it('of a newer version stop the start', async () => {
      const place = await backend.place()
      await (await openAt(place, { masterKeys })).close()
      await rawRun(place, `insert into onefold_migration (name, timestamp) values ('9999_future', '2999-01-01')`)
      const refused = await openStores({ ...place, masterKeys }).catch((error) => error)
      expect(refused).toMatchObject({ code: 'store_failed', message: expect.stringContaining('9999_future') })
    })
  })

  describe('a transaction', () => {
    it('is not joined by the write of another caller, whose write outlives its rollback', async () => {
      const database = await databaseAt(await backend.place())
      await migrate(database.db)
      const row = { name: 'x', settings: '{}', created_at: T0, updated_at: T0, version: 1 }
      const insert = (db: typeof database.db, id: string) =>
        db
          .insertInto('environments')
          .values({ ...row, id })
          .execute()
      let others: Promise<unknown>[] = []
      const rolledBack = database.db.transaction().execute(async (trx) => {
        await insert(trx, 'inside')
        others = ['a', 'b', 'c'].map((id) => insert(database.db, id))
        for (let i = 0; i < 20; i++) await trx.selectFrom('environments').select('id').execute()
        throw new Error('rolled back')
      })
      await expect(rolledBack).rejects.toThrow('rolled back')
      await Promise.all(others)
      const ids = (await database.db.selectFrom('environments').select('id').orderBy('id').execute()).map(
        ({ id }) => id,
      )
      expect(ids).toEqual(['a', 'b', 'c'])
      await database.close()
    })

    it('waits for the one before it, so that many of them lose no update', async () => {
      const place = await backend.place()
      const database = await databaseAt(place)
      await migrate(database.db)
      const { audit } = await openAt(place, { role: 'tool' })
      await audit.record('default', { actor: '0', action: 'x', target: 'x', outcome: 'succeeded', at: T0 })
      const raise = () =>
        database.db.transaction().execute(async (trx) => {
          const rows = trx.selectFrom('audit_log').select('actor')
          const { actor } = await (database.dialect === 'postgres' ? rows.forUpdate() : rows).executeTakeFirstOrThrow()
          await trx
            .updateTable('audit_log')
            .set({ actor: String(Number(actor) + 1) })
            .execute()
        })
      await Promise.all(Array.from({ length: 25 }, raise))
      expect((await audit.list('default')).result[0]?.actor).toBe('25')
      await database.close()
    })
  })

  describe('opened to read only', () => {
    it('everything can be read and nothing written', async () => {
      const place = await backend.place()
      const stores = await openAt(place, { masterKeys })
      await stores.accounts.create('default', { id: 'a', integration: 'acme', tenantId: 't' }, T0)
      const reader = await openAt(place, { masterKeys, readonly: true })
      expect(await reader.accounts.get('default', 'a')).toMatchObject({ id: 'a' })
      const written = reader.accounts.update('default', 'a', { status: 'active' }, { now: T0 })
      await expect(written).rejects.toMatchObject({ code: 'store_failed' })
    })

    it('an empty place stays empty', async () => {
      const place = await backend.place()
      await expect(openAt(place, { readonly: true })).rejects.toMatchObject({ code: 'store_failed' })
      if (place.dataDir !== undefined) expect(readdirSync(place.dataDir)).toEqual([])
    })
  })

  it('answers a ping while it is open, and fails with a code once it is closed', async () => {
    const stores = await backend.open()
    await stores.ping()
    await Promise.all([stores.close(), stores.close()])
    await expect(stores.ping()).rejects.toMatchObject({ code: 'store_failed' })
    await expect(stores.accounts.get('default', 'a')).rejects.toMatchObject({ code: 'store_failed' })
  })

  it('many opens at once all end with the whole schema', async () => {
    const place = await backend.place()
    const opens = Array.from({ length: 8 }, () => openStores({ ...place, masterKeys, role: 'tool' }))
    const settled = await Promise.allSettled(opens)
    const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const codes = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    await Promise.all(opened.map((stores) => stores.close()))
    expect(opened.length).toBeGreaterThanOrEqual(backend.name === 'postgres' ? 8 : 1)
    expect(codes.filter((code) => code !== 'store_locked')).toEqual([])
    expect((await (await openAt(place, { masterKeys })).environments.list()).length).toBe(2)
  })
})

describe('the data folder', () => {
  const options = (dataDir: string) => ({ dataDir, masterKeys })

  it('and its files belong to the owner alone', async () => {
    const folder = join(tempFolder(), 'data')
    const stores = await openAt({ dataDir: folder })
    await stores.audit.record('default', { actor: 'a', action: 'b', target: 'c', outcome: 'failed', at: T0 })
    const modes = readdirSync(folder).map(
      (name) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`,
    )
    expect(modes.sort()).toEqual(['onefold.db 600', 'onefold.db-shm 600', 'onefold.db-wal 600', 'server.lock 600'])
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700')
    expect(await rawRows({ dataDir: folder }, 'pragma journal_mode')).toEqual([{ journal_mode: 'wal' }])
  })

  it('with a file that others could read has it closed to them', async () => {
    const folder = tempFolder()
    await (await openAt({ dataDir: folder }, { masterKeys })).close()
    chmodSync(join(folder, 'onefold.db'), 0o644)
    await openAt({ dataDir: folder }, { masterKeys })
    expect(statSync(join(folder, 'onefold.db')).mode & 0o777).toBe(0o600)
  })

  it('is refused to a second server, in this process and in another, until the first is gone', async () => {
    const folder = tempFolder()
    const first = await openStores(options(folder))
    await expect(openStores(options(folder))).rejects.toMatchObject({ code: 'store_locked', status: 503 })
    expect((await otherProcess('open', folder)).said).toBe('store_locked')
    await first.close()
    const other = await otherProcess('open', folder)
    expect(other.said).toBe('open')
    await expect(openStores(options(folder))).rejects.toMatchObject({ code: 'store_locked' })
    await other.leave()
    await (await openStores(options(folder))).close()
  })

  it('is free again at once when its server was killed', async () => {
    const folder = tempFolder()
    const other = await otherProcess('open', folder)
    expect(other.said).toBe('open')
    await other.kill()
    await (await openAt({ dataDir: folder })).ping()
  })

  it('may be opened and written by a tool beside its server', async () => {
    const folder = tempFolder()
    const server = await openAt({ dataDir: folder }, { masterKeys })
    const tool = await openStores({ ...options(folder), role: 'tool' })
    await tool.accounts.create('default', { id: 'by-tool', integration: 'acme', tenantId: 't' }, T0)
    expect(await server.accounts.get('default', 'by-tool')).toMatchObject({ id: 'by-tool' })
    expect((await otherProcess('open', folder, 'tool')).said).toBe('open')
    await tool.close()
    await server.accounts.update('default', 'by-tool', { status: 'active' }, { now: T0 })
  })

  it('is not migrated by a tool below a running server', async () => {
    const folder = tempFolder()
    const server = await openStores(options(folder))
    await rawRun({ dataDir: folder }, `delete from onefold_migration where name like '%logs'`)
    const tool = openStores({ ...options(folder), role: 'tool' })
    await expect(tool).rejects.toMatchObject({ code: 'store_locked' })
    await server.close()
  })

  it('that cannot be used is a coded error, and leaves no lock', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'onefold.db'), 'this is no database, and long enough to be seen as none'.repeat(20))
    await expect(openStores(options(folder))).rejects.toMatchObject({ code: 'store_failed' })
    writeFileSync(join(folder, 'onefold.db'), '')
    await (await openStores(options(folder))).close()
    mkdirSync(join(folder, 'taken', 'onefold.db'), { recursive: true })
    await expect(openStores(options(join(folder, 'taken')))).rejects.toMatchObject({ code: 'store_failed' })
    await expect(openStores(options(join(folder, 'onefold.db', 'below')))).rejects.toMatchObject({
      code: 'store_failed',
    })
  })
})

describe('settings of the stores', () => {
  it('name a place and a key', async () => {
    await expect(openStores({ masterKeys })).rejects.toMatchObject({ code: 'config_invalid' })
    const folder = join(tempFolder(), 'new')
    await expect(openStores({ dataDir: folder, masterKeys: [] })).rejects.toMatchObject({ code: 'config_invalid' })
    expect(existsSync(folder)).toBe(false)
  })

  it.each([
    ['config_invalid', 'mysql://user:hunter2@db.example/x'],
    ['config_invalid', 'user:hunter2@db.example/x'],
    ['config_invalid', ''],
    ['store_failed', 'postgres://user:hunter2@127.0.0.1:1/x'],
  ])('are refused with %s and never show the password: %s', async (code, databaseUrl) => {
    const error = await openStores({ databaseUrl, masterKeys }).catch((refused) => refused)
    expect(error).toMatchObject({ code })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
  })
})
