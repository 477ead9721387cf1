/** The language of a page: its words, and how it formats money and days. */
export interface PageLanguage {
  lang: "en" | "zh-CN";
  text: (word: Word) => string;
  /** The label of a status, or the status itself if it has none. */
  status: (status: string | null) => string;
  /** Minor units with their currency as a code. */
  money: (amount: number | null, currency: string | null) => string;
  day: (seconds: number) => string;
}

/** The language of a page: the session's, or else the browser's. */
export function languageFor(locale: string | null, acceptLanguage = ""): PageLanguage {
  const wanted = locale === null || locale === "auto" ? acceptLanguage : locale;
  return wanted.trim().toLowerCase().startsWith("zh") ? chinese : english;
}

function languageOf(lang: PageLanguage["lang"], dates: string): PageLanguage {
  const text = (word: Word) => words[word][lang === "en" ? 0 : 1];
  return {
    lang,
    text,
    status: (status) => (status !== null && isWord(status) ? text(status) : (status ?? "")),
    money: (amount, currency) => money(lang, amount ?? 0, currency ?? "usd"),
    day: (seconds) => {
      const format = new Intl.DateTimeFormat(dates, { dateStyle: "long", timeZone: "UTC" });
      return format.format(seconds * 1000);
    },
  };
}

/** Stripe's smallest units differ from the digits that `Intl` shows: see docs.stripe.com/currencies. */
function money(lang: PageLanguage["lang"], amount: number, currency: string): string {
  const digits = digitsOf(currency.toLowerCase());
  const format = new Intl.NumberFormat(lang, {
    style: "currency",
    currency,
    currencyDisplay: "code",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(amount / 10 ** digits);
}

function digitsOf(currency: string): number {
  const zeroDecimal = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" ");
  if (zeroDecimal.includes(currency)) return 0;
  return ["bhd", "jod", "kwd", "omr", "tnd"].includes(currency) ? 3 : 2;
}

function isWord(text: string): text is Word {
  return Object.hasOwn(words, text);
}

type Word = keyof typeof words;

const words = {
  /** Between a label and what it names. */
  colon: [": ", "："],
  noMoney: ["Simulated payment — no money moves", "模拟支付——不会真的扣款"],
  checkout: ["Pay QiFlow", "向QiFlow付款"],
  item: ["Item", "项目"],
  quantity: ["Quantity", "数量"],
  amount: ["Amount", "金额"],
  discount: ["Discount", "优惠"],
  total: ["Total due today", "今日应付"],
  email: ["Email", "电子邮箱"],
  how: ["How to pay", "付款方式"],
  card: ["Card that works (4242)", "可用的银行卡（4242）"],
  decline: ["Card that is declined", "会被拒绝的银行卡"],
  later: [
    "Bank debit: completes now, the money arrives later",
    "银行扣款：订单先完成，款项稍后到账",
  ],
  coupon: ["Coupon for 100% off", "全额优惠券"],
  alipay: ["Alipay", "支付宝"],
  wechat: ["WeChat Pay", "微信支付"],
  pay: ["Pay", "付款"],
  subscribe: ["Subscribe", "订阅"],
  back: ["Back", "返回"],
  declined: ["Your card was declined. You weren't charged.", "银行卡被拒绝，没有扣款。"],
  gone: ["This page is no longer open", "本页已关闭"],
  complete: ["This order has already been paid.", "这笔订单已经付过款了。"],
  expired: ["This checkout has expired. Start over.", "付款页面已过期，请重新下单。"],
  notFound: ["Page not found", "页面不存在"],
  portal: ["Your subscription", "您的订阅"],
  noSubscription: ["No subscription", "目前没有订阅"],
  perMonth: ["per month", "每月"],
  perYear: ["per year", "每年"],
  status: ["Status", "状态"],
  active: ["Active", "有效"],
  trialing: ["Trial", "试用中"],
  freeUntil: ["Free until", "免费试用至"],
  past_due: ["Payment overdue", "付款逾期"],
  canceled: ["Ended", "已结束"],
  incomplete: ["Waiting for the first payment", "等待首次付款"],
  renews: ["Renews on", "下次续费"],
  endsOn: ["Ends on", "结束日期"],
  changesTo: ["Changes at the end of the period to", "本期结束后改为"],
  keepPlan: ["Keep the current plan", "保留当前套餐"],
  cancel: ["Cancel subscription", "取消订阅"],
  cancelHint: [
    "Your plan stays active until the end of the period you paid for.",
    "已付款的时间可以用到本期结束。",
  ],
  confirmSwitch: ["Confirm the change of plan", "确认更换套餐"],
  confirm: ["Confirm", "确认"],
  changeCard: ["Change the card", "更换银行卡"],
  saveCard: ["Save the card", "保存银行卡"],
  resume: ["Keep subscription", "继续订阅"],
  switchTo: ["Change to", "改为"],
  switchNow: ["takes effect now; unused time is credited", "立即生效，未用的时间会折算抵扣"],
  switchLater: ["takes effect at the end of the period", "本期结束后生效"],
  invoices: ["Invoices", "账单"],
  noInvoices: ["No invoices yet.", "还没有账单。"],
  number: ["Number", "编号"],
  date: ["Date", "日期"],
  returnTo: ["Return to QiFlow", "返回QiFlow"],
  invoice: ["Invoice", "账单"],
  receipt: ["Receipt", "收据"],
  paid: ["Paid", "已付"],
  open: ["Open", "待付"],
  draft: ["Draft", "草稿"],
  uncollectible: ["Uncollectible", "无法收回"],
  void: ["Void", "作废"],
  refunded: ["Refunded", "已退款"],
  charge: ["Payment", "付款"],
} as const;

export const english = languageOf("en", "en-GB");
const chinese = languageOf("zh-CN", "zh-CN");
