/** Requests of a tenant work as this role of PostgreSQL: policies confine it to the rows of one tenant. */
export const tenantRole = 'millrace_tenant';
