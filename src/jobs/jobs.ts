/** The work that a scheduler starts. `vercel.json` is tested against this table. */
export const jobs = [
  {
    path: "/api/distribute-credits",
    /** Daily, the most that every plan of the host allows. */
    schedule: "0 2 * * *",
    onEveryPlan: true,
  },
  {
    path: "/api/jobs/tick",
    /** Where the plan allows it, or from another scheduler; the daily run does its work too. */
    schedule: "*/5 * * * *",
    onEveryPlan: false,
  },
] as const;
