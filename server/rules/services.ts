import type { Services } from '../api/context.ts'

/** What rules work with; they are a part of the services themselves. */
export type RuleServices = Omit<Services, 'sync' | 'rules'>
