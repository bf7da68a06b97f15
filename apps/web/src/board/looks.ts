import type { UIConfig } from '@bull-board/api/typings/app';

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** The colours of our pages (pages/shared/base.css), by the names of Bull Board. */
const LIGHT = {
  background: '#f4f5f7',
  foreground: '#1c2330',
  border: '#d9dde4',
  input: '#868e9c',
  primary: '#2457c5',
  'primary-foreground': '#ffffff',
  'muted-foreground': '#596273',
  sidebar: '#ffffff',
  'sidebar-foreground': '#1c2330',
  'font-sans': 'system-ui, sans-serif',
} as const;

const DARK = {
  ...LIGHT,
  background: '#12161c',
  foreground: '#e6e9ee',
  card: '#1a2029',
  border: '#2f3846',
  input: '#6c7787',
  primary: '#8ab0ff',
  'primary-foreground': '#12161c',
  'muted-foreground': '#9aa5b5',
  sidebar: '#1a2029',
  'sidebar-foreground': '#e6e9ee',
} as const;

/** Bull Board as one of our pages. */
export const looks: UIConfig = {
  boardTitle: 'taskwire',
  boardLogo: { path: '/assets/shared/icon.svg', width: 24, height: 24 },
  favIcon: { default: '/assets/shared/icon.svg', alternative: '/assets/shared/icon.svg' },
  hideDocsLink: true,
  miscLinks: [
    { text: 'Overview', url: '/' },
    { text: 'Tasks', url: '/tasks' },
    { text: 'SQL', url: '/sql' },
  ],
  dateFormats: {
    short: CLOCK,
    common: { day: 'numeric', month: 'short', ...CLOCK },
    full: { day: 'numeric', month: 'short', year: 'numeric', ...CLOCK },
  },
  theme: { light: LIGHT, dark: DARK },
};
