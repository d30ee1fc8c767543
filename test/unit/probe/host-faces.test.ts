import { expect, test } from 'vitest'
import { buildWorld, healthyDomain, mailHost } from '../../../src/lab/build-world.ts'
import { CERTIFICATES, certificate, expiringIn } from '../../../src/lab/certificate-spec.ts'
import type { LabHost, World } from '../../../src/lab/world.ts'
import type { HostFace, WantedFaces } from '../../../src/model/host-face.ts'
import { hostIn, type LabProbe, mailDomain, nameOf, QUICK, startLabProbe } from './lab-probe.ts'

const MX = 'mx1.example.com'
const ADDRESS = '192.0.2.25'
const OPEN = { 465: CERTIFICATES.good, 587: CERTIFICATES.rsa, 993: expiringIn(80) }
const LIMITS = { ...QUICK, faces: { ...QUICK.faces, pauseMs: 1 } }
const patient = new AbortController().signal

function worldWith(host: Partial<LabHost>, domains: readonly string[] = ['example.com']): World {
  return buildWorld({
    domains: domains.map((name) => healthyDomain(name, { ...mailDomain([MX]), hosts: [] })),
    hosts: [mailHost(MX, { addresses: [ADDRESS], ...host })],
  })
}

async function facesOf(kit: LabProbe, wanted: Partial<WantedFaces>, domain = 'example.com') {
  const all = { otherPorts: [], bothKeyTypes: false, ...wanted }
  const snapshot = await kit.probe.domain(nameOf(domain), 0, patient, all)
  return hostIn(snapshot, MX).faces
}

function told({ port, keys, look }: HostFace): string {
  if (look.outcome !== 'seen') return `${port} ${keys} ${look.outcome}`
  const { value } = look
  return `${port} ${keys} ${value.outcome === 'shown' ? value.tls.chain[0]?.keyType : value.outcome}`
}

test('nobody who did not ask for them has any face looked at', async () => {
  await using kit = await startLabProbe(worldWith({ faces: OPEN, secondCertificate: CERTIFICATES.rsa }))
  expect(hostIn(await kit.look('example.com'), MX).faces).toEqual([])
  expect(kit.lab.journal.smtp).toHaveLength(1)
  expect(kit.lab.journal.faces).toHaveLength(0)
})

test('every port that is asked for shows its certificate for the name of the host; a closed one is no fault', async () => {
  await using kit = await startLabProbe(worldWith({ faces: OPEN }))
  const faces = await facesOf(kit, { otherPorts: [465, 587, 993, 443] })
  expect(faces.map(told)).toEqual(['465 any ec', '587 any rsa', '993 any ec', '443 any closed'])
  expect(kit.lab.journal.faces.map(({ port, sni }) => [port, sni]).sort()).toEqual([
    [465, MX],
    [993, MX],
  ])
  expect(kit.lab.journal.smtp.find(({ port }) => port === 587)).toMatchObject({
    ehloName: 'probe.example.org',
    sni: MX,
    secured: true,
    quit: true,
  })
})

test.each([
  ['ECDSA and RSA', CERTIFICATES.good, CERTIFICATES.rsa, '25 rsa rsa'],
  ['RSA and ECDSA, in this order', CERTIFICATES.rsa, CERTIFICATES.good, '25 rsa rsa'],
  ['ECDSA alone', CERTIFICATES.good, null, '25 rsa no-such-key'],
  ['RSA alone', CERTIFICATES.rsa, null, '25 ecdsa no-such-key'],
] as const)(
  'port 25 with %s: the certificate of the other type, or none',
  async (_, certificate, second, face) => {
    await using kit = await startLabProbe(worldWith({ certificate, secondCertificate: second }), {
      limits: LIMITS,
    })
    expect((await facesOf(kit, { bothKeyTypes: true })).map(told)).toEqual([face])
    expect(kit.lab.journal.smtp).toHaveLength(2)
  },
)

test('one host of many domains is asked once, and by each only for what it wants', async () => {
  const world = worldWith({ faces: OPEN, secondCertificate: CERTIFICATES.rsa }, [
    'example.com',
    'example.net',
  ])
  await using kit = await startLabProbe(world, { limits: LIMITS })
  const wanted = { otherPorts: [993], bothKeyTypes: true } as const
  const [one, other] = await Promise.all([facesOf(kit, wanted), facesOf(kit, wanted, 'example.net')])
  expect(one).toEqual(other)
  await facesOf(kit, wanted)
  expect(kit.lab.journal.faces).toHaveLength(1)
  expect((await facesOf(kit, { otherPorts: [993] }, 'example.net')).map(told)).toEqual(['993 any ec'])
  // Ordinary sessions with port 25 (maxHostAgeMs is 0) and one for the other key type.
  const extra = kit.lab.journal.smtp.filter(({ commands }) => commands.length > 0).length
  expect(extra).toBeLessThanOrEqual(5)
  expect(kit.lab.journal.faces).toHaveLength(1)
})

test('what another port showed is believed as long as the limit says and no longer', async () => {
  const limits = { ...QUICK, faces: { ...QUICK.faces, portMs: 0 } }
  await using kit = await startLabProbe(worldWith({ faces: OPEN }), { limits })
  await facesOf(kit, { otherPorts: [993] })
  await facesOf(kit, { otherPorts: [993] })
  expect(kit.lab.journal.faces).toHaveLength(2)
})

test('a self-signed or foreign certificate is a fact like any other', async () => {
  const faces = { 993: certificate({ signer: 'itself', dnsNames: ['imap.invalid'] }) }
  await using kit = await startLabProbe(worldWith({ faces }))
  const [face] = await facesOf(kit, { otherPorts: [993] })
  expect(face?.look).toMatchObject({
    value: { tls: { webPkiError: 'DEPTH_ZERO_SELF_SIGNED_CERT', chain: [{ dnsNames: ['imap.invalid'] }] } },
  })
})

test('without a way to the address, or a public one, no port of it is tried', async () => {
  const dialled: number[] = []
  await using kit = await startLabProbe(worldWith({ faces: OPEN }), {
    allow: ['198.51.100.0/24'],
    dialled: (_, port) => dialled.push(port),
  })
  expect(await facesOf(kit, { otherPorts: [465, 587, 993, 443], bothKeyTypes: true })).toEqual([])
  expect(dialled).toEqual([])
})

test('port 25 refused: the other ports are asked all the same, the other key type is not', async () => {
  await using kit = await startLabProbe(worldWith({ smtp: null, faces: OPEN }))
  expect((await facesOf(kit, { otherPorts: [993], bothKeyTypes: true })).map(told)).toEqual(['993 any ec'])
})
