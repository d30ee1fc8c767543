/** What an administrator does to the domain of the drills, for the scenarios of plans. */

import { editDomain, type PolicyFields, policyText } from '../../src/lab/build-world.ts'
import { DRILL_DOMAIN } from '../../src/lab/drills/drill.ts'
import type { World } from '../../src/lab/world.ts'

export type WorldEdit = (world: World) => World

export const MX = 'mx1.example.com'
export const NEW_MX = 'mx2.example.com'
export const DAY_MINUTES = 24 * 60

export function serve(fields: Partial<PolicyFields>): WorldEdit {
  return (world) =>
    editDomain(world, DRILL_DOMAIN, (domain) => ({
      ...domain,
      policy: domain.policy && { ...domain.policy, body: policyText({ mx: [MX], ...fields }) },
    }))
}

export function publishId(id: string): WorldEdit {
  return (world) => editDomain(world, DRILL_DOMAIN, { stsRecord: [`v=STSv1; id=${id};`] })
}

export function pointMx(...exchanges: readonly string[]): WorldEdit {
  return (world) =>
    editDomain(world, DRILL_DOMAIN, {
      mx: exchanges.map((exchange, index) => ({ preference: 10 * (index + 1), exchange })),
    })
}

export function both(...edits: readonly WorldEdit[]): WorldEdit {
  return (world) => edits.reduce((so, edit) => edit(so), world)
}
