import type { Services } from '../api/context.ts'

/** What syncing works with; it is a part of the services itself. */
export type SyncServices = Omit<Services, 'sync' | 'rules'>
