/** The jobs a scheduler calls. A test compares `vercel.json` with this table. */
export const jobs = [
  {
    path: "/api/distribute-credits",
    /** Daily, the most that every Vercel plan allows. */
    schedule: "0 2 * * *",
    onEveryPlan: true,
  },
  {
    path: "/api/jobs/tick",
    /** Where the plan allows it, or from another scheduler. The daily run includes a tick. */
    schedule: "*/5 * * * *",
    onEveryPlan: false,
  },
] as const;
