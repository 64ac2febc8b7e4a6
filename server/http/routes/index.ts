import type { Route } from '../route.ts'
import { ACCOUNT_ROUTES } from './accounts.ts'
import { META_ROUTES } from './meta.ts'
import { PLATFORM_ROUTES } from './platform.ts'
import { PROXY_ROUTES, UNIFIED_ROUTES } from './unified.ts'

/** Every authenticated endpoint; concrete paths stand before those with placeholders. */
export const ROUTES: readonly Route[] = [
  ...META_ROUTES,
  ...UNIFIED_ROUTES,
  ...PROXY_ROUTES,
  ...ACCOUNT_ROUTES,
  ...PLATFORM_ROUTES,
]
