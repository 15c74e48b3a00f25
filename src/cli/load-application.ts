/** The application, loaded when it is needed: it is most of the program, and a manual needs none of it. */

export function loadApplication(): Promise<typeof import('../application.ts')> {
  return import('../application.ts');
}
