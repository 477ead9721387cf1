export type Language = "en" | "zh";

/** The language of a page: the session's, else the browser's. */
export function languageOf(locale: string | null, acceptLanguage = ""): Language {
  const wanted = locale === null || locale === "auto" ? acceptLanguage : locale;
  return wanted.trim().toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function wordsFor(language: Language): Words {
  return language === "zh" ? chinese : english;
}

/** Minor units and their currency as people write them, the currency always in letters. */
export function money(amount: number | null, currency: string | null, language: Language): string {
  const locale = language === "zh" ? "zh-CN" : "en-US";
  const code = (currency ?? "usd").toUpperCase();
  const options = { style: "currency", currency: code, currencyDisplay: "code" } as const;
  const format = new Intl.NumberFormat(locale, options);
  const { maximumFractionDigits = 2 } = format.resolvedOptions();
  return format.format((amount ?? 0) / 10 ** maximumFractionDigits);
}

export function day(seconds: number, language: Language): string {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  return format.format(seconds * 1000);
}

type Words = typeof english;

const english = {
  /** Between a word and what it names. */
  colon: ": ",
  noMoney: "Simulated payment — no money moves",
  checkout: "Pay QiFlow",
  item: "Item",
  quantity: "Quantity",
  amount: "Amount",
  discount: "Discount",
  total: "Total due today",
  email: "E-mail",
  how: "How to pay",
  card: "Card that works (4242)",
  decline: "Card that is declined",
  later: "Bank debit: completes now, the money comes later",
  coupon: "Coupon for 100% off",
  alipay: "Alipay",
  wechat: "WeChat Pay",
  pay: "Pay",
  subscribe: "Subscribe",
  back: "Back",
  declined: "Your card was declined. Nothing was charged.",
  gone: "This page is no longer open",
  complete: "This order has been paid already.",
  expired: "This checkout has expired. Please start again.",
  notFound: "There is no such page",
  portal: "Your subscription",
  noSubscription: "There is no subscription.",
  perMonth: "per month",
  perYear: "per year",
  status: "Status",
  active: "Active",
  trialing: "Trial",
  past_due: "Payment overdue",
  canceled: "Ended",
  incomplete: "First payment missing",
  renews: "Renews on",
  endsOn: "Ends on",
  changesTo: "Changes at the end of the period to",
  cancel: "Cancel subscription",
  cancelHint: "You keep what you have paid for until the end of the period.",
  resume: "Keep subscription",
  switchTo: "Change to",
  switchNow: "takes effect now; unused time is credited",
  switchLater: "takes effect at the end of the period",
  invoices: "Invoices",
  noInvoices: "No invoices yet.",
  number: "Number",
  date: "Date",
  returnTo: "Return to QiFlow",
  invoice: "Invoice",
  receipt: "Receipt",
  paid: "Paid",
  open: "Open",
  draft: "Draft",
  void: "Void",
  uncollectible: "Uncollectible",
  refunded: "Refunded",
  charge: "Payment",
};

const chinese: Words = {
  colon: "：",
  noMoney: "模拟支付——不会真的扣款",
  checkout: "向 QiFlow 付款",
  item: "项目",
  quantity: "数量",
  amount: "金额",
  discount: "优惠",
  total: "今日应付",
  email: "电子邮箱",
  how: "付款方式",
  card: "可用的银行卡（4242）",
  decline: "会被拒绝的银行卡",
  later: "银行扣款：订单先完成，款项稍后到账",
  coupon: "全额优惠券",
  alipay: "支付宝",
  wechat: "微信支付",
  pay: "付款",
  subscribe: "订阅",
  back: "返回",
  declined: "银行卡被拒绝，没有扣款。",
  gone: "本页已关闭",
  complete: "这笔订单已经付过款了。",
  expired: "付款页面已过期，请重新下单。",
  notFound: "没有这个页面",
  portal: "您的订阅",
  noSubscription: "目前没有订阅。",
  perMonth: "每月",
  perYear: "每年",
  status: "状态",
  active: "有效",
  trialing: "试用中",
  past_due: "付款逾期",
  canceled: "已结束",
  incomplete: "等待首次付款",
  renews: "下次续费",
  endsOn: "结束日期",
  changesTo: "本期结束后改为",
  cancel: "取消订阅",
  cancelHint: "已付款的时间可以用到本期结束。",
  resume: "继续订阅",
  switchTo: "改为",
  switchNow: "立即生效，未用的时间会折算抵扣",
  switchLater: "本期结束后生效",
  invoices: "账单",
  noInvoices: "还没有账单。",
  number: "编号",
  date: "日期",
  returnTo: "返回 QiFlow",
  invoice: "账单",
  receipt: "收据",
  paid: "已付",
  open: "待付",
  draft: "草稿",
  void: "作废",
  uncollectible: "无法收取",
  refunded: "已退款",
  charge: "付款",
};
