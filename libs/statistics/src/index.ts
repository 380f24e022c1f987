export * from './aggregations.ts';
export * from './missed-windows.ts';
export * from './result-id.ts';
export * from './windows.ts';
