/**
 * Up to so many of something are counted; where there are more, a count says one more than that and a
 * page "10,000+": an outage fills a queue with more than anybody waits to have counted.
 */
export const MOST_COUNTED = 10_000;
