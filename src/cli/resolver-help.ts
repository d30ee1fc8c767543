export const RESOLVER_HELP = 'resolver HOST:PORT to ask instead of the configured ones; repeat for a quorum'
