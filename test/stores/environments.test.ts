import { expect, it } from 'vitest'
import { onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRun } from './raw.ts'

onBothDatabases((backend) => {
  it('an environment has its settings, the common ones where it names none', async () => {
    const { environments } = await backend.open()
    const made = await environments.create({ id: 'eu', name: 'Europe', settings: { timezone: 'Europe/Berlin' } }, T0)
    expect(made).toEqual({
      id: 'eu',
      name: 'Europe',
      settings: {
        timezone: 'Europe/Berlin',
        allowedOrigins: [],
        redirectUris: [],
        webhookSetup: 'automatic',
        identityRules: [{ by: 'email' }],
        brand: { name: null, logo: null, color: null, privacyUrl: null },
        rateLimit: null,
        retentionDays: { requestLog: 30, auditLog: 365, events: 30, changes: 30, deliveries: 30 },
      },
      createdAt: T0,
      updatedAt: T0,
      version: 1,
    })
    expect(await environments.get('eu')).toEqual(made)
    expect(await environments.get('us')).toBeNull()
    expect((await environments.list()).map(({ id }) => id)).toEqual(['default', 'eu', 'other'])
    await expect(environments.create({ id: 'eu', name: 'again' }, T0)).rejects.toMatchObject({ code: 'conflict' })
    await expect(environments.create({ id: '../x', name: 'x' }, T0)).rejects.toMatchObject({
      code: 'invalid_parameter',
    })
  })

  it('ensuring one leaves what is there as it is, also with many callers at once', async () => {
    const { environments } = await backend.open()
    const calls = Array.from({ length: 20 }, (_, i) => environments.ensure({ id: 'new', name: `name ${i}` }, T0 + i))
    const all = await Promise.all(calls)
    expect(new Set(all.map(({ name }) => name)).size).toBe(1)
    expect(await environments.ensure({ id: 'new', name: 'late' }, T0 + 99)).toEqual(all[0])
  })

  it('one whose settings were stored when there were fewer has the defaults of the others', async () => {
    const place = await backend.place()
    const { environments } = await openAt(place)
    await rawRun(place, `update environments set settings = '{"retentionDays": {"requestLog": 7, "auditLog": 8}}'`)
    expect((await environments.get('default'))?.settings).toMatchObject({
      timezone: 'UTC',
      allowedOrigins: [],
      retentionDays: { requestLog: 7, auditLog: 8, events: 30, changes: 30, deliveries: 30 },
    })
  })

  it('a change keeps the settings it does not name', async () => {
    const { environments } = await backend.open()
    await environments.update('default', { settings: { allowedOrigins: ['https://app.example'] } }, T0 + 1)
    const changed = await environments.update('default', { settings: { timezone: 'Asia/Tokyo' }, name: 'Main' }, T0 + 2)
    expect(changed).toMatchObject({
      name: 'Main',
      settings: { timezone: 'Asia/Tokyo', allowedOrigins: ['https://app.example'] },
      updatedAt: T0 + 2,
      version: 3,
    })
    await expect(environments.update('nowhere', {}, T0)).rejects.toMatchObject({ code: 'not_found' })
  })
})
