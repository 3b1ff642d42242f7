/** A file imported as text with `?raw`: Vitest reads it so by itself, tsup.config.ts teaches it to the build. */
declare module '*?raw' {
  const text: string;
  export default text;
}
