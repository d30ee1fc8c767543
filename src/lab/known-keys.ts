import { webcrypto } from 'node:crypto'

/**
 * Two key pairs of the lab that are the same in every run, so that a world can say in advance what a TLSA record of them holds.
 * They are published here and worth nothing.
 */
export const KNOWN_KEYS = {
  first: {
    kty: 'EC',
    crv: 'P-256',
    x: 'BigVJ1hiy8kSaT7R9EBYqTv8x1tyabgTcqgdAH_gm_Y',
    y: 'QTpDbqc-XLVeB9MRZpDxAr55AjvEz8USYOatAT858Mo',
    d: 'd-1GL1QFBiadu7nGghurh0hjQub-8E5QKKyHlmxl8OU',
  },
  second: {
    kty: 'EC',
    crv: 'P-256',
    x: '-qZKHsxb6_JOyguWHbR60cfhYWr0xovEHPlWGAZbP8M',
    y: 'brUacFRDwTxuFIe8drikJeIc_FSZVGDFta1wbSVgqO0',
    d: 'cjvd07Q4uaNhMugCDQ0C3hRObwqXFrRREHkczumH0S0',
  },
} as const

/** SHA-256 of their SubjectPublicKeyInfo, in hex: the data of a TLSA record 3 1 1. */
export const KNOWN_SPKI_SHA256 = {
  first: 'b0f6ad5057499afb712dd2da669913a74985252657c5cf5839f7600a9f5180f2',
  second: '644d55bbabfcd22e0179750d0428da3116104f9dc632744c5841dc3e457eac44',
} as const

/** The pair as the certificate maker takes it. */
export async function knownKeys(name: keyof typeof KNOWN_KEYS): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const { d, ...pub } = KNOWN_KEYS[name]
  const [privateKey, publicKey] = await Promise.all([
    webcrypto.subtle.importKey('jwk', { ...pub, d }, algorithm, true, ['sign']),
    webcrypto.subtle.importKey('jwk', pub, algorithm, true, ['verify']),
  ])
  return { privateKey, publicKey }
}
