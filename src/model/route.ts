import type { IpAddress } from '../protocol/ip-address.ts'

/** Where a connection to a public address really goes: itself on the Internet, a loopback port in the lab. */
export type Route = (address: IpAddress, port: number) => Endpoint | 'refused' | 'timeout' | 'no-route'

export interface Endpoint {
  readonly host: string
  readonly port: number
}
