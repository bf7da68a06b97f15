export { type StdioServerHandle, serveStdio } from '@modelcontextprotocol/server/stdio';
