export { createMcpHandler } from '@modelcontextprotocol/server';
