/** The story that the demo plays: a healthy world, four ways to break it, and how it heals. */

import {
  buildWorld,
  editDomain,
  editHost,
  healthyDomain,
  mailHost,
  policyText,
  redirectTo,
  webHost,
} from './build-world.ts'
import { CERTIFICATES } from './certificate-spec.ts'
import type { World } from './world.ts'

export interface Scene {
  readonly title: string
  /** What somebody did, and what a watcher should make of it. */
  readonly narration: string
  readonly minutes: number
  edit(world: World): World
}

export const STORY_DOMAINS: readonly string[] = ['example.com', 'example.net', 'example.org']

/** Hosts that always answer, so that the monitor can prove that it sees. */
export const STORY_CANARIES = {
  dns: ['canary.test'],
  dnssec: ['signed.canary.test'],
  https: ['www.canary.test'],
  smtp: ['mx.canary.test'],
} as const

/** The world as the curtain rises: three healthy domains and the canaries. */
export function storyWorld(): World {
  return buildWorld({
    domains: [
      ...STORY_DOMAINS.map((name) => healthyDomain(name)),
      healthyDomain('canary.test', { mx: [{ preference: 10, exchange: 'mx.canary.test' }] }),
    ],
    hosts: [mailHost('mx.canary.test'), webHost('www.canary.test')],
    zones: [{ name: 'signed.canary.test', secure: true }],
  })
}

export const STORY: readonly Scene[] = [
  {
    title: 'All is well',
    narration:
      'Three domains with MTA-STS in mode enforce. Every record, policy and mail host is looked at. Nothing is said, because nothing is wrong.',
    minutes: 20,
    edit: (world) => world,
  },
  {
    title: 'example.com: somebody edits the policy and forgets the id',
    narration:
      'max_age goes from one week to two, but the TXT record still has the old id. Senders that hold the old copy have no reason to fetch the new one.',
    minutes: 30,
    edit: (world) =>
      editDomain(world, 'example.com', (domain) => ({
        ...domain,
        policy: domain.policy && {
          ...domain.policy,
          body: policyText({ mx: ['mx1.example.com'], maxAgeSeconds: 1_209_600 }),
        },
      })),
  },
  {
    title: 'example.org: a new mail host that the policy does not know',
    narration: 'mx2.example.org joins the MX records. In mode enforce, senders will not deliver to it.',
    minutes: 30,
    edit: (world) =>
      editDomain(world, 'example.org', (domain) => ({
        ...domain,
        mx: [...domain.mx, { preference: 20, exchange: 'mx2.example.org' }],
        hosts: [...domain.hosts, mailHost('mx2.example.org')],
      })),
  },
  {
    title: 'example.net: a restored backup brings back an expired certificate',
    narration: 'mx1.example.net answers with a certificate that ended yesterday.',
    minutes: 25,
    edit: (world) => editHost(world, 'mx1.example.net', { certificate: CERTIFICATES.expired }),
  },
  {
    title: 'example.com: the web server now redirects everything',
    narration:
      'The policy host answers 301. RFC 8461 forbids senders to follow. It is tried three times before anything is said.',
    minutes: 35,
    edit: (world) =>
      editHost(world, 'mta-sts.example.com', { https: redirectTo('https://www.example.com/') }),
  },
  {
    title: 'Everybody mends their own',
    narration:
      'The redirect goes, a new id is published, the new host enters the policy, the certificate is renewed. Each incident closes after its recovery was seen twice.',
    minutes: 40,
    edit: mend,
  },
]

function mend(world: World): World {
  const served = editHost(world, 'mta-sts.example.com', { https: 'ok' })
  const renamed = editDomain(served, 'example.com', { stsRecord: ['v=STSv1; id=20260101T120000Z;'] })
  const renewed = editHost(renamed, 'mx1.example.net', { certificate: CERTIFICATES.good })
  return editDomain(renewed, 'example.org', (domain) => ({
    ...domain,
    stsRecord: ['v=STSv1; id=20260101T130000Z;'],
    policy: domain.policy && {
      ...domain.policy,
      body: policyText({ mx: domain.mx.map(({ exchange }) => exchange) }),
    },
  }))
}
