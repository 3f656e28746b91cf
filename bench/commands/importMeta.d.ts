interface ImportMeta {
  /** Vite's: the modules that a pattern finds when it bundles. */
  glob(
    pattern: string,
    options: { readonly eager: true; readonly import: 'default' },
  ): Readonly<Record<string, unknown>>;
}
