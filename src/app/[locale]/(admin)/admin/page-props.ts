/** Props that Next passes to a page of the console. */
export interface AdminPageProps {
  readonly params: Promise<{ locale: string }>;
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}
