/** What the reference shows. Shortened: a reading has eleven sections. */

export const newReading = {
  name: "Lin",
  gender: "female",
  year: 1990,
  month: 6,
  day: 15,
  time: "12:00",
  place: { city: "beijing" },
  locale: "en",
};

const entry = {
  id: "5f0c1a52-6d5e-8b1f-9a44-3c1f0d2b7e61",
  name: "Lin",
  created_at: "2026-11-30T12:00:00.000Z",
  birth: {
    gender: "female",
    calendar: "solar",
    year: 1990,
    month: 6,
    day: 15,
    leap_month: false,
    time: "12:00",
    place: { city: "beijing" },
    true_solar_time: true,
    day_changes_at: "midnight",
  },
  pillars: { year: "庚午", month: "壬午", day: "辛亥", hour: "癸巳" },
};

export const reading = {
  ...entry,
  locale: "en",
  summary: [{ lead: "Day master", text: "辛 Xin, yin metal, weak." }],
  sections: [
    {
      key: "day-master",
      title: "The day master and its strength",
      paragraphs: [{ lead: null, text: "The day stem represents you: 辛 Xin, yin metal." }],
    },
  ],
};

export const readings = { readings: [entry], next_before: null };
